"""Dashboards of Grafana, built from code. Needs the extra ``grafana``."""
