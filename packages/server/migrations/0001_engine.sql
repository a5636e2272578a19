-- The engine's tables. `engine/` alone reads and writes them.
-- Payloads are json, not jsonb: they are written far more often than looked into, and text keeps them as they came.

-- Types instead of CHECKs on what every flush writes: a CHECK's expression is read anew in each.
CREATE TYPE final_status AS ENUM ('success', 'failed', 'timed_out', 'canceled');

CREATE TABLE installation (
  -- Changes when a database is moved or restored: cursors of the change feed carry it.
  epoch uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO installation DEFAULT VALUES;

-- One row a living process; leases belong to it. Only the reaper ends it, by the database's clock.
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  host text NOT NULL,
  pid integer NOT NULL,
  process_start text NOT NULL,
  roles text[] NOT NULL,
  -- Holds the data folder; whoever takes the folder over ends the predecessor's session at once.
  owner boolean NOT NULL,
  url text,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  end_reason text,
  -- Ended, and known to hold no lease any more.
  swept boolean NOT NULL DEFAULT false
);
CREATE INDEX sessions_living ON sessions (expires_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_unswept ON sessions (ended_at) WHERE NOT swept;

-- Live runs. `version` counts the journal: every change of a run is guarded by the version it was decided on.
CREATE TABLE runs (
  id uuid PRIMARY KEY,
  version integer NOT NULL,
  ref text NOT NULL,
  pack_digest text,
  input json NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  event_id uuid,
  rule text,
  retry_of uuid,
  -- The run whose step this one is, and which.
  parent_id uuid,
  parent_slot text,
  parent_number integer,
  traceparent text,
  canceling boolean NOT NULL DEFAULT false,
  -- Who paused it, while it is paused: nothing of it is given to a worker.
  paused_by text,
  -- The session that carries out instant attempts of this run: these end as they start, and have no row of their own.
  instant_by uuid
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
CREATE INDEX runs_canceling ON runs (id) WHERE canceling;
CREATE INDEX runs_retries ON runs (retry_of) WHERE retry_of IS NOT NULL;
CREATE INDEX runs_instant ON runs (instant_by) WHERE instant_by IS NOT NULL;

-- Ended runs: what is finished leaves the hot table in the statement that finishes it.
CREATE TABLE run_history (
  id uuid PRIMARY KEY,
  version integer NOT NULL,
  ref text NOT NULL,
  pack_digest text,
  input json NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  event_id uuid,
  rule text,
  retry_of uuid,
  parent_id uuid,
  parent_slot text,
  parent_number integer,
  traceparent text,
  status final_status NOT NULL,
  output json,
  -- The saved results, where there are any.
  outputs json,
  error json,
  finished_at timestamptz NOT NULL
);

CREATE INDEX run_history_retries ON run_history (retry_of) WHERE retry_of IS NOT NULL;

-- What a run is the fold of: one row for each advance, with the events recorded and the decisions taken.
CREATE TABLE journal (
  run_id uuid NOT NULL,
  version integer NOT NULL,
  -- Tells a writer whose connection was lost whether its own write arrived.
  op_id uuid NOT NULL,
  events json NOT NULL,
  decisions json NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (run_id, version)
);

-- Attempts that wait for a worker. A claim moves them to `leases`.
CREATE TABLE dispatch (
  run_id uuid NOT NULL,
  slot text NOT NULL,
  number integer NOT NULL,
  state text NOT NULL CHECK (state IN ('ready', 'delayed')),
  runner text NOT NULL,
  ref text NOT NULL,
  input json NOT NULL,
  queue text NOT NULL DEFAULT '',
  key text,
  priority smallint NOT NULL DEFAULT 5,
  due_at timestamptz,
  PRIMARY KEY (run_id, slot, number),
  CHECK ((state = 'delayed') = (due_at IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
CREATE INDEX dispatch_ready ON dispatch (runner, priority, run_id, slot) WHERE state = 'ready' AND queue = '';
CREATE INDEX dispatch_lane ON dispatch (queue, priority, run_id, slot) WHERE state = 'ready' AND queue <> '';
CREATE INDEX dispatch_lane_key ON dispatch (queue, key, priority, run_id, slot) WHERE state = 'ready' AND queue <> '';
CREATE INDEX dispatch_due ON dispatch (due_at) WHERE state = 'delayed';

-- Attempts with a worker; most get here without having waited. (run_id, slot, number) is leased at most once: a lost
-- attempt is followed by a new number. Bounded by what workers hold at once, so it needs no index by session; and
-- no CHECK, whose expression would be read anew in every flush.
CREATE TABLE leases (
  run_id uuid NOT NULL,
  slot text NOT NULL,
  number integer NOT NULL,
  session_id uuid NOT NULL,
  leased_at timestamptz NOT NULL,
  queue text NOT NULL,
  key text,
  -- Of attempts that were claimed: by them a claimer finds what it leased when the answer was lost.
  claim_id uuid,
  input json,
  PRIMARY KEY (run_id, slot, number)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
CREATE INDEX leases_lane ON leases (queue, key) WHERE queue <> '';

-- Durable waits that hold no worker.
CREATE TABLE timers (
  run_id uuid NOT NULL,
  slot text NOT NULL,
  number integer NOT NULL,
  due_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, slot, number)
) WITH (fillfactor = 70);
CREATE INDEX timers_due ON timers (due_at);

-- Runs that are steps of others, from the advance that asks for one to the advance that takes its end: `new` until it
-- is born, `ended` with it or when it was withdrawn before. Its birth is guarded by `new`, so that there is one.
CREATE TYPE child_state AS ENUM ('new', 'started', 'ended');
CREATE TABLE children (
  child_id uuid PRIMARY KEY,
  parent_id uuid NOT NULL,
  slot text NOT NULL,
  number integer NOT NULL,
  state child_state NOT NULL,
  ref text NOT NULL,
  input json NOT NULL,
  moved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (parent_id, slot, number)
) WITH (fillfactor = 70);
CREATE INDEX children_at_rest ON children (state) WHERE state <> 'started';

-- Ended attempts, lost ones included: what the journal says of them, for whoever asks in SQL.
CREATE VIEW attempts AS
SELECT j.run_id, e.event ->> 'slot' AS slot, (e.event ->> 'number')::int AS number, e.event ->> 'status' AS status,
  (e.event ->> 'worker')::uuid AS session_id,
  to_timestamp((e.event ->> 'startedAt')::float8 / 1000) AS started_at,
  to_timestamp((e.event ->> 'at')::float8 / 1000) AS finished_at,
  e.event -> 'error' ->> 'code' AS error_code
FROM journal j CROSS JOIN LATERAL json_array_elements(j.events) AS e(event)
WHERE e.event ->> 'type' = 'attempt_ended';

-- The change feed: one row a flush, its items in commit order. Readers stop below the oldest open transaction.
CREATE TABLE changes (
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL DEFAULT now(),
  items json NOT NULL,
  PRIMARY KEY (xid, seq)
);

CREATE TABLE log_segments (
  run_id uuid NOT NULL,
  slot text NOT NULL,
  number integer NOT NULL,
  seq integer NOT NULL,
  stream text NOT NULL CHECK (stream IN ('stdout', 'stderr', 'yard')),
  at timestamptz NOT NULL,
  text text NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (run_id, slot, number, seq)
);
CREATE INDEX log_segments_stored ON log_segments (run_id, xid);

-- Lanes of admission. The row is the lock under which a limited lane admits.
CREATE TABLE queues (
  name text PRIMARY KEY,
  concurrency integer CHECK (concurrency > 0),
  key_concurrency integer CHECK (key_concurrency > 0),
  fifo boolean NOT NULL DEFAULT false,
  -- Who paused it, while it is paused: nothing in it is given to a worker.
  paused_by text
);

-- The line before each FIFO key, in the order of acknowledgement: positions are drawn under the lane's lock.
CREATE TABLE queue_keys (
  queue text NOT NULL,
  key text NOT NULL,
  run_id uuid NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (queue, key, run_id)
);
CREATE INDEX queue_keys_line ON queue_keys (queue, key, position);
CREATE INDEX queue_keys_run ON queue_keys (run_id);
