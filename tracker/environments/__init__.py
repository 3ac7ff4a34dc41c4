"""How a commit becomes an interpreter: work tree, lock, wheel, environment, and their cache."""
