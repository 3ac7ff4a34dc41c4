"""What Grafana holds of the tracker's, brought to what it should be, over its HTTP interface.

``contents``, ``alerts`` and ``marks`` say what should be there, ``server`` what is,
``compare`` which steps lead from one to the other, ``push`` takes them.
"""
