-- What came out for each sample of a data set, so that a drift of quality can be traced to samples.

CREATE TABLE answer_sheet (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash    text NOT NULL UNIQUE,
    answers jsonb NOT NULL
);
COMMENT ON TABLE answer_sheet IS 'What came out for each sample of a data set; processes with the same answers share one.';
COMMENT ON COLUMN answer_sheet.hash IS 'SHA-256 of the answers.';
COMMENT ON COLUMN answer_sheet.answers IS '{id of the sample: answer as text}.';

CREATE TABLE reading_answers (
    series_id       bigint NOT NULL,
    measurement_id  bigint NOT NULL,
    answer_sheet_id bigint NOT NULL REFERENCES answer_sheet,
    PRIMARY KEY (series_id, measurement_id),
    FOREIGN KEY (series_id, measurement_id) REFERENCES reading ON DELETE CASCADE
);
COMMENT ON TABLE reading_answers IS 'The answers behind a value of a quality, where the benchmark told them.';

CREATE VIEW quality_value AS
SELECT s.id AS series_id, p.name AS project, s.benchmark,
       parameter_text(s.parameters) AS parameters, s.metric, s.unit, s.dataset,
       substring(s.dataset FROM '@(\d+):[0-9a-f]{8}$')::integer AS subset,
       b.commit_id, k.machine_class AS machine, m.provenance ->> 'device' AS device,
       (m.provenance ->> 'threads')::integer AS threads,
       parameter_text(x.parameters) AS asked, m.round, r.value
FROM series s
JOIN project p ON p.id = s.project_id
JOIN reading r ON r.series_id = s.id
JOIN measurement m ON m.id = r.measurement_id AND m.state IN ('measured', 'early-stopped')
JOIN batch h ON h.id = m.batch_id AND h.purpose = 'history'
JOIN machine k ON k.id = m.machine_id
JOIN cell x ON x.id = m.cell_id
JOIN (SELECT DISTINCT commit_id, build_id FROM commit_build WHERE build_id IS NOT NULL) b
  ON b.build_id = m.build_id
WHERE s.kind = 'quality';
COMMENT ON VIEW quality_value IS 'What one process gave for a quality, with the platform that its series leaves out.';
COMMENT ON COLUMN quality_value.subset IS 'Samples of the data set, where they are not all of it; else null.';
COMMENT ON COLUMN quality_value.asked IS 'All parameters of the cell, those that must not change the value too.';
