-- What dashboards draw, added up while it is stored. Every table here can be made anew from the
-- others: the view fresh_... beside it says what it has to hold.

CREATE FUNCTION median_rank(n integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    rank    integer := 0;
    term    double precision;
    outside double precision;
BEGIN
    IF n > 1000 THEN  -- powers of a half end there
        RETURN floor((n - 1.96 * sqrt(n)) / 2);
    END IF;
    term := 2.0 / 2.0 ^ n;
    outside := term;
    LOOP
        term := term * (n - rank) / (rank + 1);
        outside := outside + term;
        EXIT WHEN outside > 0.05;
        rank := rank + 1;
    END LOOP;
    RETURN rank;
END $$;
COMMENT ON FUNCTION median_rank IS 'How many of n sorted values lie outside of the 95 % interval of their median, on each side: the narrowest pair of order statistics whose binomial coverage reaches 95 % (Hollander, Wolfe and Chicken, 2014, section 3.6); none of fewer than six.';

-- the readings have references; to check them again for each point would take as long as adding it
CREATE TABLE build_point (
    series_id bigint NOT NULL,
    build_id  bigint NOT NULL,
    values    double precision[] NOT NULL CHECK (cardinality(values) > 0),
    processes integer NOT NULL GENERATED ALWAYS AS (cardinality(values)) STORED,
    median    double precision NOT NULL GENERATED ALWAYS AS (
        (values[(cardinality(values) + 1) / 2] + values[cardinality(values) / 2 + 1]) / 2
    ) STORED,
    low       double precision NOT NULL GENERATED ALWAYS AS (
        CASE WHEN cardinality(values) < 6 THEN values[1]
             ELSE values[1 + median_rank(cardinality(values))] END
    ) STORED,
    high      double precision NOT NULL GENERATED ALWAYS AS (
        CASE WHEN cardinality(values) < 6 THEN values[cardinality(values)]
             ELSE values[cardinality(values) - median_rank(cardinality(values))] END
    ) STORED,
    -- a series is read from its key alone: its points lie where their builds were measured
    PRIMARY KEY (series_id, build_id) INCLUDE (processes, median, low, high)
);
CREATE INDEX build_point_build ON build_point (build_id);
COMMENT ON TABLE build_point IS 'What the processes of histories gave in one series at one build.';
COMMENT ON COLUMN build_point.values IS 'One value a process, in the unit of the series, sorted.';
COMMENT ON COLUMN build_point.low IS 'Lower end of the interval of the median, see median_rank.';
COMMENT ON COLUMN build_point.high IS 'Upper end of it.';

CREATE VIEW fresh_build_point AS
SELECT r.series_id, m.build_id, array_agg(r.value ORDER BY r.value) AS values
FROM reading r
JOIN measurement m ON m.id = r.measurement_id AND m.state IN ('measured', 'early-stopped')
JOIN batch h ON h.id = m.batch_id AND h.purpose = 'history'
GROUP BY r.series_id, m.build_id;
COMMENT ON VIEW fresh_build_point IS 'What build_point has to hold.';

CREATE TABLE build_tally (
    project_id bigint NOT NULL REFERENCES project,
    build_id   bigint NOT NULL REFERENCES build,
    cells      integer NOT NULL,
    measured   integer NOT NULL,
    failed     integer NOT NULL,
    PRIMARY KEY (project_id, build_id)
);
COMMENT ON TABLE build_tally IS 'How far one build is measured along the history of a project.';
COMMENT ON COLUMN build_tally.cells IS 'Cells that were tried.';
COMMENT ON COLUMN build_tally.measured IS 'Those of them that have a value.';
COMMENT ON COLUMN build_tally.failed IS 'Processes that gave none.';

CREATE VIEW fresh_build_tally AS
SELECT c.project_id, c.build_id, count(*)::integer AS cells,
       (count(*) FILTER (WHERE c.good > 0))::integer AS measured,
       sum(c.tried - c.good)::integer AS failed
FROM (
    SELECT m.project_id, m.build_id, m.cell_id, count(*) AS tried,
           count(*) FILTER (WHERE m.state IN ('measured', 'early-stopped')) AS good
    FROM measurement m JOIN batch h ON h.id = m.batch_id AND h.purpose = 'history'
    GROUP BY m.project_id, m.build_id, m.cell_id
) c
GROUP BY c.project_id, c.build_id;
COMMENT ON VIEW fresh_build_tally IS 'What build_tally has to hold.';

CREATE TABLE run_build (
    run_id    uuid NOT NULL REFERENCES run,
    build_id  bigint NOT NULL REFERENCES build,
    processes integer NOT NULL,
    failed    integer NOT NULL,
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (run_id, build_id)
);
CREATE INDEX run_build_build ON run_build (build_id);
COMMENT ON TABLE run_build IS 'What one run did of one build, for whatever purpose.';
COMMENT ON COLUMN run_build.failed IS 'Those of the processes that gave no value.';
COMMENT ON COLUMN run_build.first_at IS 'When the first of the processes was started.';
COMMENT ON COLUMN run_build.last_at IS 'When the last of them was.';

CREATE VIEW fresh_run_build AS
SELECT h.run_id, m.build_id, count(*)::integer AS processes,
       (count(*) FILTER (WHERE m.state NOT IN ('measured', 'early-stopped')))::integer AS failed,
       min(m.started_at) AS first_at, max(m.started_at) AS last_at
FROM measurement m JOIN batch h ON h.id = m.batch_id
GROUP BY h.run_id, m.build_id;
COMMENT ON VIEW fresh_run_build IS 'What run_build has to hold.';

CREATE TABLE run_sensor (
    run_id   uuid NOT NULL REFERENCES run,
    channel  text NOT NULL,
    minute   timestamptz NOT NULL,
    unit     text NOT NULL,
    readings integer NOT NULL,
    total    double precision NOT NULL,
    lowest   double precision NOT NULL,
    highest  double precision NOT NULL,
    rise     double precision NOT NULL,
    seconds  double precision NOT NULL,
    PRIMARY KEY (run_id, channel, minute)
);
COMMENT ON TABLE run_sensor IS 'What a sensor read in one minute of a run, over all processes.';
COMMENT ON COLUMN run_sensor.total IS 'Sum of the readings.';
COMMENT ON COLUMN run_sensor.rise IS 'By how much they rose from one to the next within a process: of processor time, what was used.';
COMMENT ON COLUMN run_sensor.seconds IS 'Between those readings.';

CREATE VIEW sensor_reading AS
SELECT h.run_id, t.measurement_id, t.channel, t.unit,
       m.started_at + o.seconds * interval '1 second' AS at, o.value,
       coalesce(o.value - o.value_before, 0) AS rise,
       coalesce(o.seconds - o.seconds_before, 0) AS seconds
FROM telemetry t
JOIN measurement m ON m.id = t.measurement_id
JOIN batch h ON h.id = m.batch_id
CROSS JOIN LATERAL unnest(
    t.offsets, t.values,
    ARRAY[NULL]::double precision[] || t.offsets, ARRAY[NULL]::double precision[] || t.values
) AS o (seconds, value, seconds_before, value_before)
WHERE o.seconds IS NOT NULL;
COMMENT ON VIEW sensor_reading IS 'One reading of a sensor, with the step from the one before it in the same process.';

CREATE VIEW fresh_run_sensor AS
SELECT run_id, channel, date_bin('1 minute', at, timestamptz '2000-01-01 00:00:00Z') AS minute,
       min(unit) AS unit, count(*)::integer AS readings, sum(value) AS total,
       min(value) AS lowest, max(value) AS highest, sum(rise) AS rise, sum(seconds) AS seconds
FROM sensor_reading
GROUP BY run_id, channel, minute;
COMMENT ON VIEW fresh_run_sensor IS 'What run_sensor has to hold.';

INSERT INTO build_point (series_id, build_id, values) SELECT * FROM fresh_build_point;
INSERT INTO build_tally SELECT * FROM fresh_build_tally;
INSERT INTO run_build SELECT * FROM fresh_run_build;
INSERT INTO run_sensor SELECT * FROM fresh_run_sensor;

CREATE OR REPLACE VIEW run_summary AS
SELECT r.id AS run_id, p.name AS project, k.name AS machine_name, k.machine_class AS machine,
       array_to_string(r.command, ' ') AS command, r.tool_version, r.note, r.state,
       r.started_at, r.finished_at,
       extract(epoch FROM r.finished_at - r.started_at) AS seconds,
       n.processes, n.failed
FROM run r
JOIN project p ON p.id = r.project_id
JOIN machine k ON k.id = r.machine_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(b.processes), 0) AS processes, coalesce(sum(b.failed), 0) AS failed
    FROM run_build b WHERE b.run_id = r.id
) n;

-- of every series, whenever anybody chooses among them
ALTER TABLE series ADD shown_parameters text NOT NULL
    GENERATED ALWAYS AS (parameter_text(parameters)) STORED;
COMMENT ON COLUMN series.shown_parameters IS 'As people read them, see parameter_text.';

CREATE OR REPLACE VIEW series_title AS
SELECT s.id AS series_id, s.hash AS series, p.name AS project, s.suite, s.suite_hash,
       s.benchmark, s.shown_parameters AS parameters,
       s.benchmark || CASE WHEN s.parameters = '[]' THEN ''
                           ELSE '[' || s.shown_parameters || ']' END AS title,
       s.kind, s.metric, s.unit, s.direction, s.exact, s.harness, s.backend, s.precision,
       s.dataset, s.device, s.threads, s.python, left(s.environment_class, 8) AS environment,
       s.machine_class AS machine, s.profile
FROM series s JOIN project p ON p.id = s.project_id;

CREATE INDEX line_position_named ON line_position
    (project_id, coalesce(nullif(branch, ''), '(default)'), position);

-- the same, with windows that know of the conditions by project and branch
CREATE OR REPLACE VIEW line_commit AS
SELECT p.name AS project,
       coalesce(nullif(l.branch, ''), '(default)') AS branch,
       l.position, c.id AS commit_id, c.sha, left(c.sha, 8) AS short, c.subject, c.author,
       c.committed_at, c.tags,
       max(c.committed_at) OVER along + l.position * interval '1 millisecond' AS at,
       replace(p.commit_url, '{sha}', c.sha) AS link
FROM line_position l
JOIN project p ON p.id = l.project_id
JOIN commit c ON c.project_id = l.project_id AND c.sha = l.sha
WINDOW along AS (
    PARTITION BY p.name, coalesce(nullif(l.branch, ''), '(default)') ORDER BY l.position
);

CREATE INDEX measurement_failed_commit ON measurement (commit_id)
    WHERE state NOT IN ('measured', 'early-stopped');

-- the newest processes of a run
DROP INDEX measurement_batch;
CREATE INDEX measurement_batch ON measurement (batch_id, started_at);

CREATE VIEW series_parameter AS
SELECT s.id AS series_id, p.name AS project, s.benchmark, s.kind, q.pair ->> 0 AS parameter,
       CASE WHEN q.pair ->> 1 ~ '^[0-9]{1,15}([.][0-9]+)?$'
            THEN (q.pair ->> 1)::double precision END AS number,
       s.benchmark || CASE WHEN jsonb_array_length(s.parameters) = 1 THEN ''
                           ELSE '[' || parameter_text(s.parameters - (q.n - 1)::integer) || ']' END
           AS title
FROM series s JOIN project p ON p.id = s.project_id
CROSS JOIN LATERAL jsonb_array_elements(s.parameters) WITH ORDINALITY AS q (pair, n);
COMMENT ON VIEW series_parameter IS 'A series and one of its parameters, for curves along it.';
COMMENT ON COLUMN series_parameter.number IS 'Value of the parameter; null where it is no number.';
COMMENT ON COLUMN series_parameter.title IS 'Benchmark with the other parameters.';
