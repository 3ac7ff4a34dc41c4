"""A report as a site of many pages, for a web server that only hands out files."""
