-- What was measured, in the tables of the metrics recorder of the Hugging Face transformers
-- benchmark, so that queries written for these work. A row of theirs is a process here.

CREATE SCHEMA recorder;
COMMENT ON SCHEMA recorder IS 'Measurements in the tables of the metrics recorder of the transformers benchmark.';

CREATE VIEW recorder.benchmarks AS
SELECT (l.position::bigint << 32) + m.id AS benchmark_id,
       p.repository,
       l.branch,
       l.sha AS commit_id,
       l.subject AS commit_message,
       k.facts ->> 'gpu' AS gpu_name,
       m.started_at AS created_at,
       jsonb_build_object(
           'benchmark', x.benchmark,
           'parameters', parameter_text(x.parameters),
           'machine', k.name,
           'machine_class', k.machine_class
       ) || coalesce(m.provenance -> 'extra' -> 'metadata', '{}') AS metadata,
       m.state,
       m.id AS process,
       l.at + m.round * interval '1 microsecond' AS commit_at
FROM measurement m
JOIN batch h ON h.id = m.batch_id AND h.purpose = 'history'
JOIN project p ON p.id = m.project_id
JOIN machine k ON k.id = m.machine_id
JOIN cell x ON x.id = m.cell_id AND x.benchmark IS DISTINCT FROM 'package'
JOIN (SELECT DISTINCT commit_id, build_id FROM commit_build WHERE build_id IS NOT NULL) b
  ON b.build_id = m.build_id
JOIN line_commit l
  ON l.commit_id = b.commit_id AND l.branch = coalesce(nullif(p.branch, ''), '(default)')
WHERE EXISTS (SELECT FROM reading r WHERE r.measurement_id = m.id);
COMMENT ON VIEW recorder.benchmarks IS 'A process of a history that measured something, for each commit of the project''s branch that it stands for. Without the benchmark that every package has, its import.';
COMMENT ON COLUMN recorder.benchmarks.benchmark_id IS 'Grows along the branch, whenever a commit was measured: a name within one query, not for ever.';
COMMENT ON COLUMN recorder.benchmarks.branch IS 'Of the project; (default) for the repository''s own.';
COMMENT ON COLUMN recorder.benchmarks.commit_message IS 'First line.';
COMMENT ON COLUMN recorder.benchmarks.gpu_name IS 'Of the machine; none for a machine without.';
COMMENT ON COLUMN recorder.benchmarks.created_at IS 'When the process was started.';
COMMENT ON COLUMN recorder.benchmarks.metadata IS 'What a script told of itself, and benchmark, parameters and machine.';
COMMENT ON COLUMN recorder.benchmarks.state IS 'How the process ended; what failed had measured something before.';
COMMENT ON COLUMN recorder.benchmarks.process IS 'Number of the measurement.';
COMMENT ON COLUMN recorder.benchmarks.commit_at IS 'Date for charts: that of the commit, but never before that of its predecessor.';

CREATE VIEW recorder.model_measurements AS
SELECT b.process AS measurement_id,
       b.benchmark_id,
       (SELECT jsonb_object_agg(
                   CASE WHEN s.unit = 's' AND s.harness <> 'metrics-recorder'
                             AND s.metric NOT LIKE '%\_secs'
                        THEN s.metric || '_secs' ELSE s.metric END,
                   r.value)
        FROM reading r JOIN series s ON s.id = r.series_id
        WHERE r.measurement_id = b.process) AS measurements,
       b.commit_at AS time
FROM recorder.benchmarks b;
COMMENT ON VIEW recorder.model_measurements IS 'What a process measured.';
COMMENT ON COLUMN recorder.model_measurements.measurements IS '{key: value of the process}: keys of scripts as they are, other metrics in seconds with _secs, all others by their name.';
COMMENT ON COLUMN recorder.model_measurements.time IS 'Date of the commit, as dashboards sort by it; created_at of benchmarks is when it was measured.';

CREATE VIEW recorder.device_measurements AS
SELECT b.process * 256 + o.n AS measurement_id,
       b.benchmark_id,
       o.cpu_util, o.mem_megabytes, o.gpu_util, o.gpu_mem_megabytes,
       b.created_at + o.seconds * interval '1 second' AS time
FROM recorder.benchmarks b
JOIN telemetry c ON c.measurement_id = b.process AND c.channel = 'cpu_time'
LEFT JOIN telemetry t ON t.measurement_id = b.process AND t.channel = 'memory'
LEFT JOIN telemetry g ON g.measurement_id = b.process AND g.channel = 'gpu0_utilization'
LEFT JOIN telemetry d ON d.measurement_id = b.process AND d.channel = 'gpu0_memory'
CROSS JOIN LATERAL (
    SELECT u.n, u.seconds,
           100 * (u.busy - lag(u.busy) OVER along)
               / nullif(u.seconds - lag(u.seconds) OVER along, 0) AS cpu_util,
           v.bytes / 1048576 AS mem_megabytes,
           w.share * 100 AS gpu_util,
           y.bytes / 1048576 AS gpu_mem_megabytes
    FROM unnest(c.offsets, c.values) WITH ORDINALITY AS u (seconds, busy, n)
    LEFT JOIN unnest(t.offsets, t.values) AS v (seconds, bytes) ON v.seconds = u.seconds
    LEFT JOIN unnest(g.offsets, g.values) AS w (seconds, share) ON w.seconds = u.seconds
    LEFT JOIN unnest(d.offsets, d.values) AS y (seconds, bytes) ON y.seconds = u.seconds
    WINDOW along AS (ORDER BY u.n)
) o;
COMMENT ON VIEW recorder.device_measurements IS 'What was read from outside while a process ran; null where the machine does not tell it.';
COMMENT ON COLUMN recorder.device_measurements.cpu_util IS 'Percent of one core since the reading before; null for the first.';
COMMENT ON COLUMN recorder.device_measurements.mem_megabytes IS 'Resident memory of all of its processes, in units of 2^20 bytes.';
COMMENT ON COLUMN recorder.device_measurements.gpu_util IS 'Percent, of the first device.';
COMMENT ON COLUMN recorder.device_measurements.gpu_mem_megabytes IS 'In use by anybody on the first device, in units of 2^20 bytes.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tracker_reader') THEN
        GRANT USAGE ON SCHEMA recorder TO tracker_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA recorder TO tracker_reader;
    END IF;
END $$;
