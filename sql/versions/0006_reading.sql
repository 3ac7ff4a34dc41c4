-- What dashboards ask: a view for each kind of question.

CREATE FUNCTION parameter_text(parameters jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        string_agg(replace((p.pair ->> 0) || '=' || (p.pair ->> 1), '"', ''''), ', ' ORDER BY p.n), '-'
    )
    FROM jsonb_array_elements(parameters) WITH ORDINALITY AS p (pair, n)
$$;
COMMENT ON FUNCTION parameter_text IS 'Parameters as people read them; "-" for none. Without double quotes, which some dashboards cannot send back.';

CREATE VIEW line_commit AS
SELECT p.name AS project,
       coalesce(nullif(l.branch, ''), '(default)') AS branch,
       l.position, c.id AS commit_id, c.sha, left(c.sha, 8) AS short, c.subject, c.author,
       c.committed_at, c.tags,
       max(c.committed_at) OVER along + l.position * interval '1 millisecond' AS at,
       replace(p.commit_url, '{sha}', c.sha) AS link
FROM line_position l
JOIN project p ON p.id = l.project_id
JOIN commit c ON c.project_id = l.project_id AND c.sha = l.sha
WINDOW along AS (PARTITION BY l.project_id, l.branch ORDER BY l.position);
COMMENT ON VIEW line_commit IS 'The commits of each branch in their order.';
COMMENT ON COLUMN line_commit.branch IS 'Name of the branch; (default) for the repository''s own.';
COMMENT ON COLUMN line_commit.at IS 'Date for charts over time: that of the commit, but never before that of its predecessor.';
COMMENT ON COLUMN line_commit.link IS 'Page of the commit; empty where there is none.';

CREATE VIEW series_title AS
SELECT s.id AS series_id, s.hash AS series, p.name AS project, s.suite, s.suite_hash,
       s.benchmark, parameter_text(s.parameters) AS parameters,
       s.benchmark || CASE WHEN s.parameters = '[]' THEN ''
                           ELSE '[' || parameter_text(s.parameters) || ']' END AS title,
       s.kind, s.metric, s.unit, s.direction, s.exact, s.harness, s.backend, s.precision,
       s.dataset, s.device, s.threads, s.python, left(s.environment_class, 8) AS environment,
       s.machine_class AS machine, s.profile
FROM series s JOIN project p ON p.id = s.project_id;
COMMENT ON VIEW series_title IS 'A series with its coordinate as people read it.';
COMMENT ON COLUMN series_title.environment IS 'First eight digits of the environment class.';
COMMENT ON COLUMN series_title.machine IS 'Class of the machines that were compared.';

CREATE VIEW process_value AS
SELECT r.series_id, b.commit_id, m.id AS measurement_id, h.run_id, k.name AS machine_name,
       m.round, m.started_at, m.flags, r.value
FROM reading r
JOIN measurement m ON m.id = r.measurement_id AND m.state IN ('measured', 'early-stopped')
JOIN batch h ON h.id = m.batch_id AND h.purpose = 'history'
JOIN machine k ON k.id = m.machine_id
JOIN (SELECT DISTINCT commit_id, build_id FROM commit_build WHERE build_id IS NOT NULL) b
  ON b.build_id = m.build_id;
COMMENT ON VIEW process_value IS 'The value of one process of a history, for each commit that it stands for.';
COMMENT ON COLUMN process_value.value IS 'In the unit of the series.';

CREATE VIEW finding_detail AS
SELECT f.id AS finding, p.name AS project, f.commit_id, c.sha, left(c.sha, 8) AS short,
       c.subject, c.author, c.committed_at, f.kind, f.confirmation, f.triage, f.takes_back,
       f.created_at, f.updated_at, e.rank, e.series, e.title, e.metric, e.unit, e.outcome,
       e.effect, e.low, e.high, e.mde, e.p, e.q, e.before, e.after, e.reason
FROM finding f
JOIN project p ON p.id = f.project_id
JOIN commit c ON c.id = f.commit_id
LEFT JOIN finding_effect e ON e.finding_id = f.id;
COMMENT ON VIEW finding_detail IS 'A finding with one of the series it is about; the first has rank 0.';
COMMENT ON COLUMN finding_detail.effect IS 'Ratio to the commit before minus one; null for missing and failed.';

CREATE VIEW run_summary AS
SELECT r.id AS run_id, p.name AS project, k.name AS machine_name, k.machine_class AS machine,
       array_to_string(r.command, ' ') AS command, r.tool_version, r.note, r.state,
       r.started_at, r.finished_at,
       extract(epoch FROM r.finished_at - r.started_at) AS seconds,
       n.processes, n.failed
FROM run r
JOIN project p ON p.id = r.project_id
JOIN machine k ON k.id = r.machine_id
CROSS JOIN LATERAL (
    SELECT count(*) AS processes,
           count(*) FILTER (WHERE m.state NOT IN ('measured', 'early-stopped')) AS failed
    FROM batch h JOIN measurement m ON m.batch_id = h.id
    WHERE h.run_id = r.id
) n;
COMMENT ON VIEW run_summary IS 'A command that measured, and how its processes ended.';
COMMENT ON COLUMN run_summary.seconds IS 'Null while it runs, or where it was killed.';

CREATE VIEW coverage AS
SELECT p.name AS project, b.commit_id, x.key AS cell, x.benchmark,
       parameter_text(x.parameters) AS parameters, x.profile,
       count(*) FILTER (WHERE m.state IN ('measured', 'early-stopped')) AS measured,
       count(*) FILTER (WHERE m.state NOT IN ('measured', 'early-stopped')) AS failed
FROM measurement m
JOIN batch h ON h.id = m.batch_id AND h.purpose = 'history'
JOIN project p ON p.id = m.project_id
JOIN cell x ON x.id = m.cell_id
JOIN (SELECT DISTINCT commit_id, build_id FROM commit_build WHERE build_id IS NOT NULL) b
  ON b.build_id = m.build_id
GROUP BY p.id, b.commit_id, x.id;
COMMENT ON VIEW coverage IS 'How many processes a commit has for a cell; what was never tried has no row.';

CREATE VIEW machine_condition AS
SELECT k.id AS machine_id, k.name AS machine_name, k.machine_class AS machine,
       left(k.fingerprint, 8) AS fingerprint, k.facts, k.first_seen_at, k.last_seen_at,
       e.at AS changed_at, e.changes
FROM machine k LEFT JOIN machine_event e ON e.machine_id = k.id;
COMMENT ON VIEW machine_condition IS 'A machine in one condition, and what had changed since the one before.';

CREATE VIEW telemetry_point AS
SELECT p.name AS project, h.run_id, m.id AS measurement_id, m.commit_id, k.name AS machine_name,
       x.benchmark, parameter_text(x.parameters) AS parameters, m.round, t.channel, t.unit,
       m.started_at, m.started_at + o.seconds * interval '1 second' AS at, o.seconds, o.value
FROM telemetry t
JOIN measurement m ON m.id = t.measurement_id
JOIN batch h ON h.id = m.batch_id
JOIN project p ON p.id = m.project_id
JOIN machine k ON k.id = m.machine_id
JOIN cell x ON x.id = m.cell_id
CROSS JOIN LATERAL unnest(t.offsets, t.values) AS o (seconds, value);
COMMENT ON VIEW telemetry_point IS 'One reading of a sensor while a process ran.';
COMMENT ON COLUMN telemetry_point.seconds IS 'Since the process was started.';

CREATE INDEX finding_effect_series ON finding_effect (series);
CREATE INDEX measurement_failed ON measurement (project_id, started_at)
    WHERE state NOT IN ('measured', 'early-stopped');
