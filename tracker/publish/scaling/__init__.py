"""How benchmarks scale at a commit: one value a curve, and its forms for people and programs."""
