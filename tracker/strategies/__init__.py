"""What to measure next: pure decisions over what is known."""
