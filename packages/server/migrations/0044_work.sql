-- Work items: issues of trackers that the bot works on. `work/` alone reads and writes here.

-- What is done with the issues of a tracker that are assigned to its bot. No foreign key: `trackers/` has that table.
CREATE TABLE work_orders (
  tracker_id uuid PRIMARY KEY,
  tracker text NOT NULL UNIQUE,
  run text NOT NULL,
  -- Of the run's input, with expressions over `item`; null: `{ item }`.
  input json,
  concurrency integer NOT NULL CHECK (concurrency > 0),
  max_attempts integer NOT NULL CHECK (max_attempts > 0),
  -- Names of agents that an issue may recommend beside the usual ones.
  agents text[] NOT NULL DEFAULT '{}',
  -- Who has paused it; its events are heard all the same.
  paused_by text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_by text NOT NULL
);

-- Issues as they were last heard of. Those that were never the bot's are here too: they may block its own.
CREATE TABLE work_issues (
  tracker_id uuid NOT NULL,
  -- The tracker's own id of the repository, which outlives a rename; `owner/repo` in lower case where it tells none.
  repository text NOT NULL,
  number integer NOT NULL,
  project text NOT NULL,
  title text NOT NULL,
  -- Null for one that is not the bot's.
  body text,
  url text,
  author text,
  -- missing: the tracker has none. unreadable: it could not say; asked again at check_at.
  state text NOT NULL CHECK (state IN ('open', 'closed', 'deleted', 'missing', 'unreadable')),
  assigned boolean NOT NULL,
  metadata json NOT NULL,
  -- When it last changed, by the tracker's clock; what is older comes late.
  changed_at timestamptz,
  heard_at timestamptz NOT NULL,
  check_at timestamptz,
  -- When the tracker was last asked what it waits for, and what it said that keeps it from being begun.
  asked_at timestamptz,
  ask_problem text,
  PRIMARY KEY (tracker_id, repository, number)
);
CREATE INDEX work_issues_open ON work_issues (tracker_id) WHERE state IN ('open', 'unreadable');

CREATE TABLE work_items (
  id uuid PRIMARY KEY,
  tracker_id uuid NOT NULL,
  tracker text NOT NULL,
  repository text NOT NULL,
  number integer NOT NULL,
  status text NOT NULL
    CHECK (status IN ('queued', 'in_progress', 'waiting', 'blocked', 'done', 'failed', 'canceled')),
  ready boolean NOT NULL,
  reason_code text,
  reason text,
  priority smallint NOT NULL CHECK (priority BETWEEN 1 AND 9),
  -- Those that count to the next question to a person, and all that there were.
  attempts integer NOT NULL,
  tries integer NOT NULL,
  next_try_at timestamptz,
  -- The run that is at it, or was last.
  run_id uuid,
  running boolean NOT NULL,
  -- A run that is to be stopped: nobody wants it any more.
  stop_run uuid,
  event_id uuid,
  retry_of uuid,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  finished_at timestamptz,
  CHECK ((status IN ('done', 'failed', 'canceled')) = (finished_at IS NOT NULL)),
  CHECK (NOT running OR (status = 'in_progress' AND run_id IS NOT NULL)),
  CHECK (NOT ready OR status = 'queued'),
  CHECK (next_try_at IS NULL OR (status IN ('in_progress', 'waiting') AND NOT running)),
  FOREIGN KEY (tracker_id, repository, number) REFERENCES work_issues
);
-- At most one at a time of an issue: a second is made when the first has ended.
CREATE UNIQUE INDEX work_items_live ON work_items (tracker_id, repository, number)
  WHERE status NOT IN ('done', 'failed', 'canceled');
CREATE INDEX work_items_of_issue ON work_items (tracker_id, repository, number, id DESC);
CREATE INDEX work_items_run ON work_items (run_id) WHERE running;
CREATE INDEX work_items_stop ON work_items (stop_run) WHERE stop_run IS NOT NULL;

-- Its tries, each with the run that was made, or why none could be.
CREATE TABLE work_tries (
  item_id uuid NOT NULL REFERENCES work_items ON DELETE CASCADE,
  number integer NOT NULL,
  run_id uuid,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  status text NOT NULL,
  message text,
  PRIMARY KEY (item_id, number)
);
CREATE UNIQUE INDEX work_tries_run ON work_tries (run_id) WHERE run_id IS NOT NULL;

-- How far the feed has been heard. Whoever writes any of the above holds the one row, and finds its version as it was
-- when the write was decided on.
CREATE TABLE work_place (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  cursor text NOT NULL,
  version bigint NOT NULL DEFAULT 0,
  -- The write that came last: tells a writer whose connection was lost whether its own arrived.
  moved_by uuid
);
INSERT INTO work_place (cursor) SELECT epoch || '.0.0.0' FROM installation;
