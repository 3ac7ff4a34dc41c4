"""Suites written for asv: what they name, set up and keep, and their benchmarks as tasks."""
