"""What the tracker promises about itself, measured side by side with what it is compared to."""
