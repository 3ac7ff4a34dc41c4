-- What processes were measured for, and which of them were interleaved.

CREATE TABLE batch (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id  uuid NOT NULL REFERENCES run,
    purpose text NOT NULL,
    key     text NOT NULL,
    name    text NOT NULL,
    UNIQUE (run_id, purpose, key, name)
);
CREATE INDEX batch_purpose ON batch (purpose, key);
COMMENT ON TABLE batch IS 'Processes of one run whose rounds were interleaved; between two of them the machine may have changed.';
COMMENT ON COLUMN batch.purpose IS 'history: points of a history; reference: the control chart of the machine; compare, confirm, bisect or calibrate: an experiment with processes of its own.';
COMMENT ON COLUMN batch.key IS 'Tells apart experiments of one purpose; empty for history.';
COMMENT ON COLUMN batch.name IS 'Tells apart the batches of one run.';

INSERT INTO batch (run_id, purpose, key, name)
SELECT DISTINCT run_id, 'history', '', '' FROM measurement;

ALTER TABLE measurement ADD batch_id bigint REFERENCES batch;
UPDATE measurement m SET batch_id = b.id FROM batch b WHERE b.run_id = m.run_id;
ALTER TABLE measurement ALTER batch_id SET NOT NULL, DROP run_id, ALTER commit_id DROP NOT NULL;
CREATE INDEX measurement_batch ON measurement (batch_id);
COMMENT ON COLUMN measurement.unit IS 'SHA-256 of build, cell, round and purpose: the same work is stored once.';
COMMENT ON COLUMN measurement.commit_id IS 'The commit that was checked out; others may share the build. Null for a work tree with changes or a wheel.';

DROP VIEW series_point;
CREATE VIEW series_point AS
SELECT s.id AS series_id,
       s.hash AS series,
       p.name AS project,
       s.benchmark, s.parameters, s.metric, s.unit, s.direction, s.python,
       s.environment_class, s.machine_class, s.profile, s.suite, s.suite_hash,
       c.sha, c.subject, c.committed_at, l.position,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.value) AS median,
       min(r.value) AS lowest,
       max(r.value) AS highest,
       count(*) AS processes
FROM reading r
JOIN series s ON s.id = r.series_id
JOIN project p ON p.id = s.project_id
JOIN measurement m ON m.id = r.measurement_id AND m.state IN ('measured', 'early-stopped')
JOIN batch h ON h.id = m.batch_id AND h.purpose = 'history'
JOIN (SELECT DISTINCT commit_id, build_id FROM commit_build WHERE build_id IS NOT NULL) b
  ON b.build_id = m.build_id
JOIN commit c ON c.id = b.commit_id AND c.project_id = s.project_id
LEFT JOIN line_position l
  ON l.project_id = p.id AND l.branch = p.branch AND l.sha = c.sha
GROUP BY s.id, p.id, c.id, l.position;
COMMENT ON VIEW series_point IS 'One row a series and commit of a history; commits that share a build share its processes.';
COMMENT ON COLUMN series_point.median IS 'Median of the values of the processes, in the unit of the series.';
COMMENT ON COLUMN series_point.position IS 'Place along the project''s line; null off the line.';
COMMENT ON COLUMN series_point.processes IS 'Number of processes behind the median.';
