-- The badge of a subset in the names of series: whatever draws them says what they stand on.

CREATE FUNCTION badged(title text, dataset text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT title || coalesce(' (subset: ' || substring(dataset FROM '@(\d+):[0-9a-f]{8}$') || ')', '')
$$;
COMMENT ON FUNCTION badged IS 'A name, and beside it how many samples of its data a number stands on, where these are not all.';

CREATE OR REPLACE VIEW finding_detail AS
SELECT f.id AS finding, p.name AS project, f.commit_id, c.sha, left(c.sha, 8) AS short,
       c.subject, c.author, c.committed_at, f.kind, f.confirmation, f.triage, f.takes_back,
       f.created_at, f.updated_at, e.rank, e.series, badged(e.title, s.dataset) AS title, e.metric,
       e.unit, e.outcome, e.effect, e.low, e.high, e.mde, e.p, e.q, e.before, e.after, e.reason
FROM finding f
JOIN project p ON p.id = f.project_id
JOIN commit c ON c.id = f.commit_id
LEFT JOIN finding_effect e ON e.finding_id = f.id
LEFT JOIN series s ON s.hash = e.series;
COMMENT ON COLUMN finding_detail.title IS 'Benchmark with its parameters, and the badge of a subset.';

CREATE OR REPLACE VIEW series_parameter AS
SELECT s.id AS series_id, p.name AS project, s.benchmark, s.kind, q.pair ->> 0 AS parameter,
       CASE WHEN q.pair ->> 1 ~ '^[0-9]{1,15}([.][0-9]+)?$'
            THEN (q.pair ->> 1)::double precision END AS number,
       badged(
           s.benchmark || CASE WHEN jsonb_array_length(s.parameters) = 1 THEN ''
                               ELSE '[' || parameter_text(s.parameters - (q.n - 1)::integer) || ']' END,
           s.dataset
       ) AS title
FROM series s JOIN project p ON p.id = s.project_id
CROSS JOIN LATERAL jsonb_array_elements(s.parameters) WITH ORDINALITY AS q (pair, n);
COMMENT ON COLUMN series_parameter.title IS 'Benchmark with the other parameters, and the badge of a subset.';
