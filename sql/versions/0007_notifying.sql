-- Who was told of which finding.

CREATE TABLE destination (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id bigint NOT NULL REFERENCES project,
    name text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_id, name)
);
COMMENT ON TABLE destination IS 'Whom the nights of a project tell of findings. Where that is, only the configuration knows: it is a secret.';
COMMENT ON COLUMN destination.name IS 'Its key in the configuration.';
COMMENT ON COLUMN destination.since IS 'When it was first configured: what was known before is never told there.';

CREATE TABLE notification (
    destination_id bigint NOT NULL REFERENCES destination ON DELETE CASCADE,
    finding_id bigint NOT NULL REFERENCES finding ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (destination_id, finding_id)
);
CREATE INDEX notification_finding ON notification (finding_id);
COMMENT ON TABLE notification IS 'A finding that somebody was told of: once, and once more when a suspicion is confirmed.';
COMMENT ON COLUMN notification.at IS 'When the service took the newest message about it.';
