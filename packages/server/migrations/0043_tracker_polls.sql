-- When trackers are asked for changes, what is known of their issues, and what was found that no webhook had told.
ALTER TABLE trackers
  -- Due then; NULL while it is paused.
  ADD COLUMN poll_at timestamptz,
  -- Grows with each poll: what an earlier one still writes is refused.
  ADD COLUMN fence bigint NOT NULL DEFAULT 0,
  -- A scheduler is at it until then.
  ADD COLUMN claimed_until timestamptz,
  -- The poll during which somebody asked for one more.
  ADD COLUMN asked_fence bigint,
  ADD COLUMN polled_at timestamptz,
  -- Polls in a row that could not read all of it.
  ADD COLUMN failures integer NOT NULL DEFAULT 0;
UPDATE trackers SET poll_at = clock_timestamp() WHERE paused_by IS NULL;
CREATE INDEX trackers_due ON trackers (poll_at) WHERE poll_at IS NOT NULL;

CREATE TABLE tracker_projects (
  tracker_id uuid NOT NULL REFERENCES trackers ON DELETE CASCADE,
  project text NOT NULL,
  -- As the forge has them; NULL before it was read for the first time.
  repository_id bigint,
  full_name text,
  -- Changes since then are known; what was before is not told.
  baseline_at timestamptz,
  -- All changes up to this time of the forge are accounted for.
  watermark timestamptz,
  etag text,
  polled_at timestamptz,
  -- Why it could not be read, the last time that it was tried.
  problem text,
  heard bigint NOT NULL DEFAULT 0,
  malformed bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tracker_id, project)
);

-- An issue as it was when all that had happened to it was accounted for.
CREATE TABLE tracker_issues (
  tracker_id uuid NOT NULL REFERENCES trackers ON DELETE CASCADE,
  repository_id bigint NOT NULL,
  number bigint NOT NULL,
  known json NOT NULL,
  PRIMARY KEY (tracker_id, repository_id, number)
);

-- Changes that were found by asking, and came in under `sender_id`.
CREATE TABLE tracker_finds (
  tracker_id uuid NOT NULL REFERENCES trackers ON DELETE CASCADE,
  repository_id bigint NOT NULL,
  number bigint NOT NULL,
  -- `assigned:mosaic`
  change text NOT NULL,
  -- When it was made, by the forge's clock: at the one or after, and not after the other.
  from_at timestamptz NOT NULL,
  to_at timestamptz NOT NULL,
  sender_id text NOT NULL,
  found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Its own delivery came after all.
  delivered_at timestamptz,
  PRIMARY KEY (tracker_id, repository_id, number, change, to_at)
);

-- What is found comes in like what is sent. Rows that are there are of the channels before.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_channel_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_channel_check
  CHECK (channel IN ('webhook', 'api', 'sensor', 'schedule', 'tracker')) NOT VALID;
