"""One file a command: parse, call, render. No logic, and nothing heavy at import."""
