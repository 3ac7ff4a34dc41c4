"""What a comparison of two commits says: one value, and its forms for people and programs."""
