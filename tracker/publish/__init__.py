"""What is known, as values that people and programs read: their forms, and the ways to readers."""
