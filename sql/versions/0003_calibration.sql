-- What a machine and a suite can see, and how often they see what is not there.

CREATE TABLE calibration (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id       bigint NOT NULL REFERENCES project,
    run_id           uuid NOT NULL REFERENCES run,
    machine_class    text NOT NULL,
    suite_hash       text NOT NULL,
    profile          text NOT NULL,
    at               timestamptz NOT NULL,
    decisions        integer NOT NULL,
    alarms           integer NOT NULL,
    powers           jsonb NOT NULL,
    seconds_a_commit double precision NOT NULL
);
CREATE INDEX calibration_of ON calibration (project_id, suite_hash, machine_class, profile, at DESC);
COMMENT ON TABLE calibration IS 'A commit held against itself on one class of machines: the tracker, measured by itself.';
COMMENT ON COLUMN calibration.decisions IS 'Comparisons of a build with itself.';
COMMENT ON COLUMN calibration.alarms IS 'How many of them saw a change.';
COMMENT ON COLUMN calibration.powers IS '[{"size": relative change, "found", "tried"}, ...] of planted changes.';
COMMENT ON COLUMN calibration.seconds_a_commit IS 'Measuring of one more commit of a history, all cells.';

CREATE TABLE calibration_cell (
    calibration_id bigint NOT NULL REFERENCES calibration ON DELETE CASCADE,
    cell           text NOT NULL,
    title          text NOT NULL,
    metric         text NOT NULL,
    noise          double precision NOT NULL,
    mde            double precision NOT NULL,
    rounds         double precision NOT NULL,
    seconds        double precision NOT NULL,
    PRIMARY KEY (calibration_id, cell, metric)
);
COMMENT ON TABLE calibration_cell IS 'One metric of one cell in a calibration.';
COMMENT ON COLUMN calibration_cell.cell IS 'Key of the cell.';
COMMENT ON COLUMN calibration_cell.noise IS 'Standard deviation of a process beside its partner, of logarithms.';
COMMENT ON COLUMN calibration_cell.mde IS 'The smallest relative change that all rounds would have shown.';
COMMENT ON COLUMN calibration_cell.rounds IS 'Rounds until it was known that nothing changed, on average.';
COMMENT ON COLUMN calibration_cell.seconds IS 'Wall time of a pair of processes.';
