-- The tables of the model. Words as in the documentation: a commit points at builds,
-- a measurement belongs to a build, a reading to a series.

CREATE TABLE project (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL UNIQUE,
    repository  text NOT NULL,
    subdirectory text NOT NULL,
    branch      text NOT NULL,
    package     text NOT NULL,
    commit_url  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE project IS 'A git repository under test.';
COMMENT ON COLUMN project.repository IS 'Local path or URL.';
COMMENT ON COLUMN project.subdirectory IS 'Directory of the package inside the repository; empty for its root.';
COMMENT ON COLUMN project.branch IS 'Head of the line of history; empty for the repository''s own default.';
COMMENT ON COLUMN project.package IS 'Import name that is verified in every environment; empty when taken from the commit.';
COMMENT ON COLUMN project.commit_url IS 'Link to a commit, with {sha}; empty where there is none.';

CREATE TABLE commit (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id   bigint NOT NULL REFERENCES project,
    sha          text NOT NULL,
    tree         text NOT NULL,
    parents      text[] NOT NULL,
    author       text NOT NULL,
    authored_at  timestamptz NOT NULL,
    committed_at timestamptz NOT NULL,
    subject      text NOT NULL,
    tags         text[] NOT NULL,
    UNIQUE (project_id, sha)
);
COMMENT ON TABLE commit IS 'A point of a project''s history; stays known when a branch is rewritten.';
COMMENT ON COLUMN commit.parents IS 'SHAs in the order of the graph.';
COMMENT ON COLUMN commit.subject IS 'First line of the message.';
COMMENT ON COLUMN commit.tags IS 'Names of the tags that point here, sorted, as last seen.';

CREATE TABLE line_position (
    project_id bigint NOT NULL REFERENCES project,
    branch     text NOT NULL,
    position   integer NOT NULL,
    sha        text NOT NULL,
    PRIMARY KEY (project_id, branch, position),
    UNIQUE (project_id, branch, sha)
);
COMMENT ON TABLE line_position IS 'The first-parent line of each branch as last seen; rewritten after a force push.';
COMMENT ON COLUMN line_position.position IS 'Counts from 0 at the root. Order comes from here, never from dates.';
COMMENT ON COLUMN line_position.sha IS 'A commit of the line; it need not be one that was ever measured.';

CREATE TABLE suite (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id bigint NOT NULL REFERENCES project,
    hash       text NOT NULL,
    name       text NOT NULL,
    harness    text NOT NULL,
    version    text NOT NULL,
    gold       boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_id, hash)
);
COMMENT ON TABLE suite IS 'A versioned, hashed set of benchmarks.';
COMMENT ON COLUMN suite.hash IS 'SHA-256 over the files and settings that decide what is run.';
COMMENT ON COLUMN suite.gold IS 'Never changes silently: new content is a new series.';

CREATE TABLE benchmark (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    suite_id  bigint NOT NULL REFERENCES suite ON DELETE CASCADE,
    name      text NOT NULL,
    axes      jsonb NOT NULL,
    kind      text NOT NULL,
    metric    text NOT NULL,
    unit      text NOT NULL,
    direction text NOT NULL,
    timeout   double precision,
    location  text NOT NULL,
    UNIQUE (suite_id, name)
);
COMMENT ON TABLE benchmark IS 'One thing measured by a suite.';
COMMENT ON COLUMN benchmark.axes IS 'Parameters: [{"name", "values": [repr, ...], "open"}].';
COMMENT ON COLUMN benchmark.kind IS 'performance or quality.';
COMMENT ON COLUMN benchmark.direction IS 'Which way is better: lower, higher or none.';
COMMENT ON COLUMN benchmark.timeout IS 'Seconds for one process; null: the policy''s.';
COMMENT ON COLUMN benchmark.location IS 'file:line.';

CREATE TABLE cell (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key        text NOT NULL UNIQUE,
    suite_hash text,
    benchmark  text,
    parameters jsonb,
    recipe     text,
    python     text,
    device     text,
    threads    integer,
    profile    text
);
COMMENT ON TABLE cell IS 'A square of the matrix: what was asked for, without the commit.';
COMMENT ON COLUMN cell.key IS 'SHA-256 of everything asked for that could change a number.';
COMMENT ON COLUMN cell.benchmark IS 'This and the rest is null until the matrix that has the cell was remembered.';
COMMENT ON COLUMN cell.parameters IS '[[name, repr of the value], ...].';
COMMENT ON COLUMN cell.threads IS 'Threads asked for; 0 leaves the library''s default.';

CREATE TABLE environment_class (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash       text NOT NULL UNIQUE,
    recipe     text NOT NULL,
    python     text NOT NULL,
    lock       text NOT NULL,
    requires   text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE environment_class IS 'Environments whose numbers may be compared.';
COMMENT ON COLUMN environment_class.recipe IS 'pinned: one lock for many commits. contemporary: a lock a commit.';
COMMENT ON COLUMN environment_class.python IS 'Version request such as 3.11.';
COMMENT ON COLUMN environment_class.lock IS 'Requirements with exact versions, one a line; empty for contemporary.';
COMMENT ON COLUMN environment_class.requires IS 'What was resolved to get the lock.';

CREATE TABLE environment (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash                 text NOT NULL UNIQUE,
    environment_class_id bigint NOT NULL REFERENCES environment_class,
    python               text NOT NULL,
    platform             text NOT NULL,
    lock                 text NOT NULL
);
COMMENT ON TABLE environment IS 'An interpreter with packages, the project''s own aside.';
COMMENT ON COLUMN environment.hash IS 'SHA-256 over recipe, Python and the exact set of packages.';
COMMENT ON COLUMN environment.python IS 'Implementation and full version, such as cpython-3.11.7.';

CREATE TABLE build (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key             text NOT NULL UNIQUE,
    content         text NOT NULL,
    environment_id  bigint NOT NULL REFERENCES environment,
    packages        jsonb NOT NULL,
    installed_bytes bigint NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE build IS 'What a commit installs; commits that install the same share it.';
COMMENT ON COLUMN build.key IS 'SHA-256 over content and environment: what measurements belong to.';
COMMENT ON COLUMN build.content IS 'SHA-256 over the installed files, version metadata aside.';
COMMENT ON COLUMN build.packages IS '[[name, version], ...] of every installed distribution, the project''s own included.';

CREATE TABLE commit_build (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    commit_id            bigint NOT NULL REFERENCES commit,
    recipe               text NOT NULL,
    python               text NOT NULL,
    settings             text NOT NULL,
    environment_class_id bigint REFERENCES environment_class,
    build_id             bigint REFERENCES build,
    reason               text,
    log                  text,
    seconds              double precision NOT NULL,
    recorded_at          timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (commit_id, recipe, python, environment_class_id),
    CONSTRAINT built_or_failed CHECK ((build_id IS NULL) = (reason IS NOT NULL))
);
CREATE INDEX commit_build_build ON commit_build (build_id);
COMMENT ON TABLE commit_build IS 'What a commit installs in the environment a cell asks for, or why it does not build.';
COMMENT ON COLUMN commit_build.recipe IS 'Asked for: pinned or contemporary.';
COMMENT ON COLUMN commit_build.python IS 'Asked for: version request such as 3.11.';
COMMENT ON COLUMN commit_build.settings IS 'Digest of whatever else was configured for the environment; with another one a commit is built anew.';
COMMENT ON COLUMN commit_build.environment_class_id IS 'Null where no environment could be resolved.';
COMMENT ON COLUMN commit_build.reason IS 'Why it failed, one line; null for a build.';
COMMENT ON COLUMN commit_build.log IS 'Last lines of what the failed build printed.';

CREATE TABLE machine (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint   text NOT NULL UNIQUE,
    name          text NOT NULL,
    machine_class text NOT NULL,
    facts         jsonb NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX machine_name ON machine (name, last_seen_at);
COMMENT ON TABLE machine IS 'A machine in one condition; a changed fact makes a new row.';
COMMENT ON COLUMN machine.fingerprint IS 'SHA-256 of the facts.';
COMMENT ON COLUMN machine.machine_class IS 'Machines whose numbers may be compared.';

CREATE TABLE machine_event (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    machine_id          bigint NOT NULL REFERENCES machine,
    previous_machine_id bigint NOT NULL REFERENCES machine,
    changes             jsonb NOT NULL,
    at                  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX machine_event_machine ON machine_event (machine_id);
COMMENT ON TABLE machine_event IS 'The machine of this name was found changed: an event, not a regression.';
COMMENT ON COLUMN machine_event.changes IS '{fact: [before, after]}; null for a fact that was not there.';

CREATE TABLE run (
    id            uuid PRIMARY KEY,
    project_id    bigint NOT NULL REFERENCES project,
    machine_id    bigint NOT NULL REFERENCES machine,
    command       text[] NOT NULL,
    tool_version  text NOT NULL,
    tool_dirty    boolean NOT NULL,
    configuration jsonb NOT NULL,
    sources       jsonb NOT NULL,
    seed          bigint NOT NULL,
    note          text NOT NULL,
    state         text NOT NULL CHECK (state IN ('running', 'finished', 'stopped', 'failed')),
    started_at    timestamptz NOT NULL,
    finished_at   timestamptz,
    summary       jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX run_project ON run (project_id, started_at DESC);
COMMENT ON TABLE run IS 'One command that measured.';
COMMENT ON COLUMN run.tool_dirty IS 'The tracker itself had changes that no commit knows.';
COMMENT ON COLUMN run.configuration IS 'The resolved configuration.';
COMMENT ON COLUMN run.sources IS '{dotted path: where its value came from}.';
COMMENT ON COLUMN run.seed IS 'Seed of the shuffled rounds.';
COMMENT ON COLUMN run.state IS 'running stays after the machine died; see the leases for who is alive.';

CREATE TABLE series (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash              text NOT NULL UNIQUE,
    project_id        bigint NOT NULL REFERENCES project,
    suite             text NOT NULL,
    suite_hash        text NOT NULL,
    benchmark         text NOT NULL,
    parameters        jsonb NOT NULL,
    kind              text NOT NULL,
    metric            text NOT NULL,
    unit              text NOT NULL,
    direction         text NOT NULL,
    exact             boolean NOT NULL,
    harness           text NOT NULL,
    backend           text NOT NULL,
    precision         text NOT NULL,
    dataset           text NOT NULL,
    device            text NOT NULL,
    threads           integer NOT NULL,
    python            text NOT NULL,
    environment_class text NOT NULL,
    machine_class     text NOT NULL,
    profile           text NOT NULL
);
CREATE INDEX series_suite ON series (project_id, suite_hash);
COMMENT ON TABLE series IS 'A coordinate: every field that could change a number, except the commit.';
COMMENT ON COLUMN series.hash IS 'SHA-256 of the coordinate.';
COMMENT ON COLUMN series.parameters IS '[[name, repr of the value], ...], sorted by name.';
COMMENT ON COLUMN series.direction IS 'Which way is better: lower, higher or none.';
COMMENT ON COLUMN series.exact IS 'A count that no noise touches: compared exactly.';
COMMENT ON COLUMN series.device IS 'The device actually used, read back.';
COMMENT ON COLUMN series.threads IS 'The number of threads actually used, read back.';
COMMENT ON COLUMN series.environment_class IS 'Hash of the environment class.';

CREATE TABLE measurement (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id bigint NOT NULL,
    unit       text NOT NULL,
    run_id     uuid NOT NULL REFERENCES run,
    machine_id bigint NOT NULL REFERENCES machine,
    commit_id  bigint NOT NULL REFERENCES commit,
    build_id   bigint NOT NULL REFERENCES build,
    cell_id    bigint NOT NULL REFERENCES cell,
    round      integer NOT NULL,
    position   integer NOT NULL,
    state      text NOT NULL,
    reason     text NOT NULL,
    output     text NOT NULL,
    started_at timestamptz NOT NULL,
    seconds    double precision NOT NULL,
    exit_code  integer,
    flags      text[] NOT NULL,
    provenance jsonb,
    UNIQUE (project_id, unit)
);
CREATE INDEX measurement_build ON measurement (build_id, cell_id);
CREATE INDEX measurement_run ON measurement (run_id);
COMMENT ON TABLE measurement IS 'One process that was asked to measure one cell at one build, and how it ended.';
COMMENT ON COLUMN measurement.project_id IS 'Of the run and of the commit, which refer to it.';
COMMENT ON COLUMN measurement.unit IS 'SHA-256 of build, cell and round: the same work is stored once.';
COMMENT ON COLUMN measurement.commit_id IS 'The commit that was checked out; others may share the build.';
COMMENT ON COLUMN measurement.round IS 'The block of the paired test, from 0.';
COMMENT ON COLUMN measurement.position IS 'Place in the shuffled order of the round.';
COMMENT ON COLUMN measurement.state IS 'measured, early-stopped, unsupported, build-failed, benchmark-failed, timed-out, resource-exceeded, harness-incompatible or quarantined.';
COMMENT ON COLUMN measurement.output IS 'Last lines the process printed, for failures.';
COMMENT ON COLUMN measurement.seconds IS 'Wall time of the whole process.';
COMMENT ON COLUMN measurement.exit_code IS 'Negative: the signal that killed it. Null: none.';
COMMENT ON COLUMN measurement.provenance IS 'What the process itself told of where it ran; null when it ended before it could.';

CREATE TABLE reading (
    measurement_id bigint NOT NULL REFERENCES measurement ON DELETE CASCADE,
    series_id      bigint NOT NULL REFERENCES series,
    value          double precision NOT NULL,
    loops          integer NOT NULL,
    samples        double precision[] NOT NULL,
    warmup         double precision[] NOT NULL,
    PRIMARY KEY (series_id, measurement_id)
);
CREATE INDEX reading_measurement ON reading (measurement_id);
COMMENT ON TABLE reading IS 'The samples of one series in one process.';
COMMENT ON COLUMN reading.value IS 'The one value that stands for the process.';
COMMENT ON COLUMN reading.loops IS 'Calls behind each sample.';
COMMENT ON COLUMN reading.samples IS 'Raw, after warm-up, each divided by loops.';
COMMENT ON COLUMN reading.warmup IS 'The curve before the samples.';

CREATE TABLE lease (
    project_id bigint NOT NULL REFERENCES project,
    unit       text NOT NULL,
    run_id     uuid NOT NULL REFERENCES run,
    fence      bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (project_id, unit)
);
CREATE INDEX lease_run ON lease (run_id);
COMMENT ON TABLE lease IS 'Who works on a unit now, so that two commands do not measure the same thing.';
COMMENT ON COLUMN lease.fence IS 'Grows each time an expired lease is taken over.';

CREATE TABLE finding (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id    bigint NOT NULL REFERENCES project,
    kind          text NOT NULL,
    commit_id     bigint NOT NULL REFERENCES commit,
    after         text NOT NULL,
    confirmation  text NOT NULL,
    triage        text NOT NULL,
    first_run_id  uuid NOT NULL REFERENCES run,
    last_run_id   uuid NOT NULL REFERENCES run,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX finding_commit ON finding (project_id, commit_id);
COMMENT ON TABLE finding IS 'Something a maintainer should know, at one commit.';
COMMENT ON COLUMN finding.commit_id IS 'The first commit that shows it.';
COMMENT ON COLUMN finding.after IS 'SHA of the last measured commit before it.';
COMMENT ON COLUMN finding.confirmation IS 'suspected, confirmed or refuted.';
COMMENT ON COLUMN finding.triage IS 'open, acknowledged, investigating, expected, fixed or false-alarm.';

CREATE TABLE finding_effect (
    finding_id bigint NOT NULL REFERENCES finding ON DELETE CASCADE,
    rank       integer NOT NULL,
    series     text NOT NULL,
    title      text NOT NULL,
    metric     text NOT NULL,
    unit       text NOT NULL,
    outcome    text,
    effect     double precision,
    low        double precision,
    high       double precision,
    mde        double precision,
    p          double precision,
    before     double precision,
    after      double precision,
    q          double precision,
    reason     text NOT NULL,
    PRIMARY KEY (finding_id, rank)
);
COMMENT ON TABLE finding_effect IS 'The series that a finding is about, worst first.';
COMMENT ON COLUMN finding_effect.series IS 'Hash of the series.';
COMMENT ON COLUMN finding_effect.outcome IS 'same, faster, slower or unknown; null, as the rest of the verdict, for missing and failed.';
COMMENT ON COLUMN finding_effect.effect IS 'Ratio child/parent minus one; low and high are its confidence interval.';
COMMENT ON COLUMN finding_effect.mde IS 'The smallest change that would have been found.';
COMMENT ON COLUMN finding_effect.q IS 'p-value corrected over all cells of the commit.';

CREATE TABLE finding_event (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    finding_id   bigint NOT NULL REFERENCES finding ON DELETE CASCADE,
    at           timestamptz NOT NULL DEFAULT now(),
    who          text NOT NULL,
    triage       text NOT NULL,
    confirmation text NOT NULL,
    note         text NOT NULL
);
CREATE INDEX finding_event_finding ON finding_event (finding_id);
COMMENT ON TABLE finding_event IS 'Every transition of a finding, with who and when.';
COMMENT ON COLUMN finding_event.triage IS 'The state from then on.';

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
JOIN (SELECT DISTINCT commit_id, build_id FROM commit_build WHERE build_id IS NOT NULL) b
  ON b.build_id = m.build_id
JOIN commit c ON c.id = b.commit_id AND c.project_id = s.project_id
LEFT JOIN line_position l
  ON l.project_id = p.id AND l.branch = p.branch AND l.sha = c.sha
GROUP BY s.id, p.id, c.id, l.position;
COMMENT ON VIEW series_point IS 'One row a series and commit; commits that share a build share its processes.';
COMMENT ON COLUMN series_point.median IS 'Median of the values of the processes, in the unit of the series.';
COMMENT ON COLUMN series_point.position IS 'Place along the project''s line; null off the line.';
COMMENT ON COLUMN series_point.processes IS 'Number of processes behind the median.';

CREATE VIEW failure AS
SELECT p.name AS project, c.sha, c.subject, 'build-failed' AS state, b.reason,
       NULL::text AS benchmark, NULL::jsonb AS parameters, b.recipe, b.python,
       NULL::integer AS round, b.recorded_at AS at
FROM commit_build b JOIN commit c ON c.id = b.commit_id JOIN project p ON p.id = c.project_id
WHERE b.build_id IS NULL
UNION ALL
SELECT p.name, c.sha, c.subject, m.state, m.reason,
       x.benchmark, x.parameters, x.recipe, x.python, m.round, m.started_at
FROM measurement m
JOIN commit c ON c.id = m.commit_id JOIN project p ON p.id = m.project_id
JOIN cell x ON x.id = m.cell_id
WHERE m.state NOT IN ('measured', 'early-stopped');
COMMENT ON VIEW failure IS 'Everything that gave no values, and why.';

-- A role that only reads, for dashboards; only where this user may create roles.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tracker_reader')
       AND (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        BEGIN
            CREATE ROLE tracker_reader NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- another database of this server was made at the same moment
        END;
    END IF;
END $$;
