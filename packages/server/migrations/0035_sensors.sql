-- Long-running processes of packs whose lines are events, one of each in the whole installation. `sensors/` alone
-- reads and writes these. What packs declare stands in memory; a row is there once a worker, or a person, has had to do
-- with the sensor, and stays when its pack goes: it knows how far the sensor had come.
CREATE TABLE sensors (
  ref text PRIMARY KEY,
  -- Grows with each start. Only lines of the process of this number are taken.
  fence bigint NOT NULL DEFAULT 0,
  -- The session of the worker that has it. No foreign key: one that has ended may be gone before it is taken over.
  session_id uuid,
  status text NOT NULL DEFAULT 'stopped' CHECK (status IN ('starting', 'running', 'backoff', 'stopped')),
  reason text NOT NULL DEFAULT '',
  paused_by text,
  -- How often somebody has asked for it to be started anew.
  restarts bigint NOT NULL DEFAULT 0,
  pid integer,
  started_at timestamptz,
  -- Unexpected ends in a row, and whether they were told.
  failures integer NOT NULL DEFAULT 0,
  alerted boolean NOT NULL DEFAULT false,
  last_exit json,
  next_start_at timestamptz,
  -- Lines of the process of this fence that are settled: the next one is taken, and no other.
  lines bigint NOT NULL DEFAULT 0,
  -- What the sensor said last about where it is.
  cursor json,
  stored bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  last_event_at timestamptz,
  -- Of its log: the last line's number, and about how many bytes of it are kept.
  log_seq bigint NOT NULL DEFAULT 0,
  log_bytes bigint NOT NULL DEFAULT 0,
  CHECK (status = 'stopped' OR session_id IS NOT NULL),
  CHECK (status = 'backoff' OR next_start_at IS NULL)
);

CREATE TABLE sensor_logs (
  ref text NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  stream text NOT NULL CHECK (stream IN ('stderr', 'yard')),
  text text NOT NULL,
  PRIMARY KEY (ref, seq)
);
CREATE INDEX sensor_logs_by_age ON sensor_logs (at);

-- Lines of sensors come in like what is posted. Rows that are there are of the channels before.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_channel_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_channel_check
  CHECK (channel IN ('webhook', 'api', 'sensor')) NOT VALID;
