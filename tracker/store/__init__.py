"""PostgreSQL: schema, ingest, queries, spool, and the embedded server."""
