"""Dashboards of Grafana, built from code, and ``api``, which brings them to a server.

Building them needs the extra ``grafana``, bringing them there ``grafana-api``.
"""
