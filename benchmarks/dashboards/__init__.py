"""A database of a size that dashboards have to bear, and what users choose in it."""
