"""One report object, and the forms it takes: terminal, Markdown, HTML, JSON."""
