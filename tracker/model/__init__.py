"""Frozen values that every room speaks. Imports nothing of the tracker but itself."""
