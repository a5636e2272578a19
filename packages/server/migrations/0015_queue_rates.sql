-- Lanes that limit how many attempts start in a time.
ALTER TABLE queues ADD COLUMN rate_starts integer CHECK (rate_starts > 0);
ALTER TABLE queues ADD COLUMN rate_per_ms integer CHECK (rate_per_ms > 0);
ALTER TABLE queues ADD CONSTRAINT queues_rate CHECK ((rate_starts IS NULL) = (rate_per_ms IS NULL));
-- From when on it starts attempts again, where its rate was used up when it admitted last.
ALTER TABLE queues ADD COLUMN next_start_at timestamptz;

-- What each admission to such a lane started, for as long as its rate counts it. Written under the lane's lock alone.
CREATE TABLE queue_starts (
  queue text NOT NULL,
  at timestamptz NOT NULL,
  starts integer NOT NULL CHECK (starts > 0)
);
CREATE INDEX queue_starts_at ON queue_starts (queue, at);
