"""What Grafana publishes of itself, carried along for the tests: see README.md."""
