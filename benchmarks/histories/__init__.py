"""Histories with changes that are known, others that judge them, and scores."""
