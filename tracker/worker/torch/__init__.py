"""Workloads: models and inputs in torch, timed by its clocks and counted by its counters."""
