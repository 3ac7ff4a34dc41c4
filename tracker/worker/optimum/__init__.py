"""optimum-benchmark as a harness: its options made safe, and its reports set right."""
