-- A login for Grafana that can only read, and not for long:
--   psql "$(tracker db url)" -v password='...' -f grafana/reader.sql
-- Settings of a role are not inherited by its members, so the limits stand here.
SELECT 'CREATE ROLE dashboard LOGIN IN ROLE tracker_reader'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dashboard') \gexec
ALTER ROLE dashboard PASSWORD :'password';
ALTER ROLE dashboard SET statement_timeout = '10s';
ALTER ROLE dashboard SET default_transaction_read_only = on;
-- dashboards for the metrics recorder of the transformers benchmark name its tables alone
ALTER ROLE dashboard SET search_path = public, recorder;
