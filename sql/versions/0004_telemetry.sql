-- What was seen of processes from outside: how they were kept within limits, and what they took.

ALTER TABLE measurement
    ADD exceeded          text,
    ADD watched_by        text,
    ADD peak_bytes        bigint,
    ADD peak_device_bytes bigint,
    ADD sampler_seconds   double precision;
COMMENT ON COLUMN measurement.exceeded IS 'The limit that ended it: memory, device-memory or wall-time; empty for none. Null, as the next four: from before this was known.';
COMMENT ON COLUMN measurement.watched_by IS 'cgroup: the kernel kept the limit on memory; looks: resident memory was read now and then.';
COMMENT ON COLUMN measurement.peak_bytes IS 'Most memory that all its processes were seen to hold together.';
COMMENT ON COLUMN measurement.peak_device_bytes IS 'Most that the memory of accelerators grew by; 0 without any.';
COMMENT ON COLUMN measurement.sampler_seconds IS 'Processor time that reading the telemetry took; over the seconds it is the share.';

CREATE TABLE telemetry (
    measurement_id bigint NOT NULL REFERENCES measurement ON DELETE CASCADE,
    channel        text NOT NULL,
    unit           text NOT NULL,
    offsets        double precision[] NOT NULL,
    values         double precision[] NOT NULL,
    PRIMARY KEY (measurement_id, channel),
    CHECK (cardinality(offsets) = cardinality(values) AND cardinality(offsets) > 0)
);
COMMENT ON TABLE telemetry IS 'What was read of a process and its machine while it ran; a sensor that is missing has no row.';
COMMENT ON COLUMN telemetry.channel IS 'Such as cpu_time, memory, other_cpu_time or temperature.';
COMMENT ON COLUMN telemetry.offsets IS 'Seconds since the process was started.';
COMMENT ON COLUMN telemetry.values IS 'Readings at the offsets; of processor time and throttling the sum so far.';
