"""A bisection for those who read it: while it goes on, and what it found."""
