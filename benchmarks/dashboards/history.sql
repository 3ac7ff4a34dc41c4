-- Years of nightly runs of one library: each night measures some commits, all cells of them, on a
-- machine without and on one with an accelerator; one reading a process. Values are made of hashes,
-- the same every time; dates end today.

INSERT INTO project (name, repository, subdirectory, branch, package, commit_url)
VALUES ('library', '/repository', '', '', 'library', 'https://example.org/library/{sha}'),
       ('other', '/other', '', '', 'other', '');

CREATE FUNCTION pg_temp.chance(seed text) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashtextextended(seed, 0) & 1048575) / 1048576.0 $$;

INSERT INTO commit (project_id, sha, tree, parents, author, authored_at, committed_at, subject, tags)
SELECT p.id, md5(p.name || n) || substr(md5('' || n), 1, 8), md5('tree' || n) || '00000000', '{}',
       'Author ' || n %% 40, d.at, d.at, 'Change number ' || n || ' of something that has a name', '{}'
FROM project p
CROSS JOIN generate_series(1, %(commits)s) AS n
CROSS JOIN LATERAL (SELECT now() - (%(commits)s - n) * interval '8 hours' AS at) d
ORDER BY p.id, n;

-- the line, and branches that left it here and there
INSERT INTO line_position (project_id, branch, position, sha)
SELECT c.project_id, CASE b WHEN 0 THEN '' ELSE 'branch-' || b END,
       row_number() OVER (PARTITION BY c.project_id, b ORDER BY c.id) - 1, c.sha
FROM commit c CROSS JOIN generate_series(0, 20) AS b
WHERE c.committed_at < now() - b * interval '20 days' + interval '1 minute';

INSERT INTO suite (project_id, hash, name, harness, version, gold)
SELECT id, repeat('5', 64), 'library', 'python', '3', true FROM project WHERE name = 'library';

INSERT INTO environment_class (hash, recipe, python, lock, requires)
VALUES (repeat('c', 64), 'pinned', '3.11', 'left==1', '{left}');

INSERT INTO environment (hash, environment_class_id, python, platform, lock)
SELECT repeat('e', 64), id, 'cpython-3.11.7', 'linux-x86_64', 'left==1' FROM environment_class;

INSERT INTO build (key, content, environment_id, packages, installed_bytes)
SELECT md5('key' || c.sha) || md5(c.sha), md5('content' || c.sha), e.id, '[["left", "1"]]', 1000000
FROM commit c JOIN project p ON p.id = c.project_id AND p.name = 'library' CROSS JOIN environment e
ORDER BY c.id;

INSERT INTO commit_build (commit_id, recipe, python, settings, environment_class_id, build_id, seconds)
SELECT c.id, 'pinned', '3.11', '', k.id, b.id, 20
FROM commit c JOIN build b ON b.key = md5('key' || c.sha) || md5(c.sha)
CROSS JOIN environment_class k;

INSERT INTO commit_build (commit_id, recipe, python, settings, environment_class_id, reason, log, seconds)
SELECT c.id, 'contemporary', '3.8', '', k.id, 'error: it needs a newer Python', 'a line of a log', 5
FROM commit c JOIN project p ON p.id = c.project_id AND p.name = 'library'
CROSS JOIN environment_class k WHERE c.id %% 20 = 0;

INSERT INTO machine (fingerprint, name, machine_class, facts, first_seen_at, last_seen_at)
SELECT md5(m.name || g), m.name, m.class, jsonb_build_object(
           'cpu', 'A processor', 'logical_cores', '16', 'memory_gib', '128', 'gpu', m.gpu, 'kernel', g
       ),
       now() - (g + 1) * interval '60 days', now() - g * interval '60 days'
FROM (VALUES ('bench-1', 'bench-1', 'none'), ('accelerated', 'accelerated', 'NVIDIA A10G'))
         AS m (name, class, gpu)
CROSS JOIN generate_series(9, 0, -1) AS g;

INSERT INTO machine_event (machine_id, previous_machine_id, changes, at)
SELECT m.id, p.id, '{"kernel": ["6.1.0", "6.1.1"]}', m.first_seen_at
FROM machine m JOIN machine p ON p.name = m.name AND p.id = m.id - 1;

-- one cell a series: a third of them generates, on the accelerator
CREATE TEMP TABLE asked AS
SELECT n,
       CASE WHEN n <= %(series)s / 3 THEN 'accelerated' ELSE 'bench-1' END AS machine,
       CASE WHEN n <= %(series)s / 3 THEN 'generate_' || n / 60 WHEN n %% 20 = 0 THEN 'answers_' || n / 100
            ELSE 'operation_' || n / 20 END AS benchmark,
       CASE WHEN n <= %(series)s / 3
            THEN jsonb_build_array(
                jsonb_build_array('batch', (2 ^ (n / 12 %% 5))::integer::text),
                jsonb_build_array('compiled', CASE WHEN n / 6 %% 2 = 0 THEN 'False' ELSE 'True' END))
            WHEN n %% 20 = 0 THEN jsonb_build_array(jsonb_build_array('data', '''part ' || n / 20 %% 5 || ''''))
            ELSE jsonb_build_array(jsonb_build_array('size', (10 ^ (n / 2 %% 5))::integer::text),
                                   jsonb_build_array('way', '''' || n %% 20 / 10 || ''''))
       END AS parameters,
       CASE WHEN n <= %(series)s / 3
            THEN (ARRAY['first_call', 'second_call', 'time', 'first_token', 'second_token', 'later_token'])[1 + n %% 6]
            WHEN n %% 20 = 0 THEN 'accuracy'
            WHEN n %% 2 = 0 THEN 'peak_memory' ELSE 'time' END AS metric
FROM generate_series(1, %(series)s) AS n;

INSERT INTO cell (key, suite_hash, benchmark, parameters, recipe, python, device, threads, profile)
SELECT md5('cell' || n) || md5('' || n), repeat('5', 64), benchmark, parameters, 'pinned', '3.11',
       CASE machine WHEN 'accelerated' THEN 'cuda' ELSE 'cpu' END, 1, 'nightly'
FROM asked ORDER BY n;

INSERT INTO series (hash, project_id, suite, suite_hash, benchmark, parameters, kind, metric, unit, direction,
                    exact, harness, backend, precision, dataset, device, threads, python,
                    environment_class, machine_class, profile)
SELECT md5('series' || n) || md5('' || n), p.id, 'library', repeat('5', 64), benchmark, parameters,
       CASE metric WHEN 'accuracy' THEN 'quality' ELSE 'performance' END, metric,
       CASE metric WHEN 'accuracy' THEN '1' WHEN 'peak_memory' THEN 'bytes' ELSE 's' END,
       CASE metric WHEN 'accuracy' THEN 'higher' ELSE 'lower' END,
       false, 'python', 'python', 'float32', '-', CASE machine WHEN 'accelerated' THEN 'cuda' ELSE 'cpu' END, 1,
       'cpython-3.11.7', repeat('c', 64), machine, 'nightly'
FROM asked CROSS JOIN project p WHERE p.name = 'library' ORDER BY n;

-- a night takes the commits of its day, on each machine
CREATE TEMP TABLE night AS
SELECT m.name AS machine, k, md5(m.name || k)::uuid AS run_id, m.machine_id,
       now() - ((%(commits)s / %(a_night)s - k) * %(a_night)s * interval '8 hours') AS started_at
FROM (SELECT name, max(id) AS machine_id FROM machine GROUP BY name) m
CROSS JOIN generate_series(1, %(commits)s / %(a_night)s) AS k;

INSERT INTO run (id, project_id, machine_id, command, tool_version, tool_dirty, configuration, sources, seed,
                 note, state, started_at, finished_at)
SELECT n.run_id, p.id, n.machine_id, '{tracker,nightly}', '0.1.0', false, '{}', '{}', 1, '', 'finished',
       n.started_at, n.started_at + interval '9 hours'
FROM night n CROSS JOIN project p WHERE p.name = 'library' ORDER BY n.started_at;

INSERT INTO batch (run_id, purpose, key, name) SELECT run_id, 'history', '', '' FROM night ORDER BY started_at;

-- keys and indexes of what is large are made at the end
ALTER TABLE measurement DROP CONSTRAINT measurement_project_id_unit_key;
DROP INDEX measurement_build, reading_measurement;
SET session_replication_role = replica;

-- a process in two hundred fails once and is repeated
INSERT INTO measurement (project_id, unit, batch_id, machine_id, commit_id, build_id, cell_id, round, position,
                         state, reason, output, started_at, seconds, exit_code, flags)
SELECT p.id, md5(c.id || ' ' || a.n || ' ' || r.n) || md5('' || c.id), h.id, k.machine_id, c.id, b.build_id, x.id,
       r.n, a.n, CASE r.n WHEN %(rounds)s THEN 'timed-out' ELSE 'measured' END,
       CASE r.n WHEN %(rounds)s THEN 'took longer than 60 s' ELSE '' END, '',
       k.started_at + ((c.id - 1) %% %(a_night)s * 6000 + r.n * 1000 + a.n) * interval '1 second', 0.9, 0, '{}'
FROM project p
JOIN commit c ON c.project_id = p.id
JOIN commit_build b ON b.commit_id = c.id AND b.build_id IS NOT NULL
CROSS JOIN generate_series(0, %(rounds)s) AS r (n)
CROSS JOIN asked a
JOIN cell x ON x.key = md5('cell' || a.n) || md5('' || a.n)
JOIN night k ON k.machine = a.machine AND k.k = 1 + (c.id - 1) / %(a_night)s
JOIN batch h ON h.run_id = k.run_id
WHERE p.name = 'library' AND (r.n < %(rounds)s OR (c.id * 7 + a.n) %% 200 = 0)
ORDER BY c.id, r.n, a.n;

INSERT INTO reading (series_id, measurement_id, value, loops, samples, warmup)
SELECT s.id, m.id, v.value, 10, ARRAY[v.value * 0.99, v.value, v.value * 1.01, v.value * 1.02, v.value * 0.98],
       '{}'
FROM measurement m
JOIN asked a ON a.n = m.position
JOIN series s ON s.hash = md5('series' || a.n) || md5('' || a.n)
CROSS JOIN LATERAL (
    SELECT CASE a.metric WHEN 'peak_memory' THEN 1e8 WHEN 'accuracy' THEN 0.8 ELSE 0.001 END
           * (1 + a.n / 100.0) * CASE WHEN m.commit_id > a.n * 2 THEN 1.1 ELSE 1.0 END
           * (1 + 0.02 * pg_temp.chance(m.id::text)) AS value
) v
WHERE m.state = 'measured'
ORDER BY m.id;

-- sensors of the latest nights
INSERT INTO telemetry (measurement_id, channel, unit, offsets, values)
SELECT m.id, s.channel, s.unit, '{0,0.1,0.2,0.3,0.4,0.5,0.6,0.7}',
       ARRAY(SELECT s.least + s.step * i + s.spread * pg_temp.chance(m.id || s.channel || i) FROM generate_series(0, 7) AS i)
FROM night k JOIN batch h ON h.run_id = k.run_id JOIN measurement m ON m.batch_id = h.id
CROSS JOIN (VALUES ('cpu_time', 's', 0, 0.09, 0.0), ('memory', 'bytes', 1e9, 1e7, 1e6),
                   ('frequency', 'Hz', 3e9, 0, 1e8), ('temperature', '°C', 50, 0.5, 5),
                   ('gpu0_utilization', 'share', 0.5, 0, 0.5), ('gpu0_memory', 'bytes', 4e9, 0, 1e9),
                   ('gpu0_power', 'W', 200, 0, 50), ('gpu0_temperature', '°C', 55, 0.5, 5))
      AS s (channel, unit, least, step, spread)
WHERE k.k > %(commits)s / %(a_night)s - %(sensed)s AND (k.machine = 'accelerated' OR s.channel NOT LIKE 'gpu%%');

SET session_replication_role = origin;

ALTER TABLE measurement ADD UNIQUE (project_id, unit);
CREATE INDEX measurement_build ON measurement (build_id, cell_id);
CREATE INDEX reading_measurement ON reading (measurement_id);

INSERT INTO finding (project_id, kind, commit_id, after, confirmation, triage, first_run_id, last_run_id)
SELECT c.project_id, CASE WHEN c.id %% 3 = 0 THEN 'improvement' ELSE 'regression' END, c.id, 'before',
       (ARRAY['suspected', 'confirmed', 'refuted'])[1 + c.id %% 3],
       CASE WHEN c.id > %(commits)s * 0.9 THEN 'open' ELSE 'fixed' END, r.id, r.id
FROM commit c JOIN project p ON p.id = c.project_id AND p.name = 'library'
CROSS JOIN (SELECT id FROM run ORDER BY started_at DESC LIMIT 1) r
WHERE c.id %% 7 = 0;

INSERT INTO finding_effect (finding_id, rank, series, title, metric, unit, outcome, effect, low, high, mde, p,
                            before, after, q, reason)
SELECT f.id, e, s.hash, s.benchmark, s.metric, s.unit, 'slower', 0.1, 0.09, 0.11, 0.02, 1e-6, 1, 1.1, 1e-5, ''
FROM finding f CROSS JOIN generate_series(0, 4) AS e
JOIN series s ON s.id = 1 + (f.id * 13 + e) %% %(series)s;

INSERT INTO calibration (project_id, run_id, machine_class, suite_hash, profile, at, decisions, alarms, powers,
                         seconds_a_commit)
SELECT r.project_id, r.id, 'bench-1', repeat('5', 64), 'nightly', r.started_at, 2000, 1, '[]', 60
FROM run r ORDER BY r.started_at DESC LIMIT 20;

INSERT INTO lease (project_id, unit, run_id, fence, expires_at)
SELECT r.project_id, 'unit ' || n, r.id, 1, now() + interval '1 hour'
FROM generate_series(1, 50) AS n
CROSS JOIN (SELECT id, project_id FROM run ORDER BY started_at DESC LIMIT 1) r;
