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
