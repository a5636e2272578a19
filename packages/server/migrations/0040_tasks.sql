-- Schedules bound to workflows, those of packs and those that people make. `tasks/` alone reads and writes these. A task
-- of a pack stands in its files; its row knows when it is due and what became of it, and stays when the pack goes.
CREATE TABLE tasks (
  id uuid PRIMARY KEY,
  -- `<pack>.<name>`; null for one that a person has made.
  ref text UNIQUE,
  -- The pack's digest by which the row was last brought up to the files.
  digest text,
  -- No active pack has it any more.
  withdrawn boolean NOT NULL DEFAULT false,
  title text NOT NULL,
  description text NOT NULL DEFAULT '',
  created_by text NOT NULL,
  -- As people wrote it; `anchor` is where a series begins that says no beginning.
  schedule json NOT NULL,
  anchor timestamptz NOT NULL,
  run text NOT NULL,
  -- Of one that a person has made. A pack's own stands in the pack.
  input json,
  misfire_policy text NOT NULL CHECK (misfire_policy IN ('run_once', 'skip', 'run_all')),
  misfire_grace_ms bigint NOT NULL,
  catchup_limit integer NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'paused', 'completed', 'canceled')),
  -- Who has paused or canceled it.
  status_by text,
  status_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Of a pause that ends by itself.
  resume_at timestamptz,
  next_run timestamptz,
  -- The next fire before it was put off.
  snoozed_from timestamptz,
  -- A scheduler is at it until then.
  claimed_until timestamptz,
  -- The fire that was written last: rows that come again after a lost connection change nothing.
  last_fire uuid,
  last_run timestamptz,
  last_run_id uuid,
  run_count bigint NOT NULL DEFAULT 0,
  missed_count bigint NOT NULL DEFAULT 0,
  -- Fires in a row of which no run could be made, and why the last one could not.
  failures integer NOT NULL DEFAULT 0,
  last_error text,
  -- Of the rules of time zones by which next_run was worked out.
  zone_rules text NOT NULL,
  -- Grows with each change that somebody makes, and with each edit of the pack's file.
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK (next_run IS NULL OR (status = 'active' AND NOT withdrawn)),
  CHECK (resume_at IS NULL OR (status = 'paused' AND NOT withdrawn)),
  CHECK ((ref IS NULL) = (input IS NOT NULL))
);
CREATE INDEX tasks_due ON tasks ((coalesce(next_run, resume_at))) WHERE coalesce(next_run, resume_at) IS NOT NULL;

-- A fire comes in like what is posted. Rows that are there are of the channels before.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_channel_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_channel_check
  CHECK (channel IN ('webhook', 'api', 'sensor', 'schedule')) NOT VALID;
