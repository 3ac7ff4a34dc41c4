"""From a request to a stored measurement."""
