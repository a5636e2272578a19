-- Who did what on which node. `audit/` alone writes here.

-- A chain: hash = SHA-256(prev_hash || seq in decimal || newline || the entry as canonical JSON: its fields by name,
-- without spaces, as `GET /v1/audit` shows them, but for seq and hash). Rows never change; only the oldest leave.
CREATE TABLE audit_entries (
  seq bigint PRIMARY KEY CHECK (seq > 0),
  -- Drawn by the writer: what is sent again after a lost connection is found by it.
  id uuid NOT NULL UNIQUE,
  ts timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  node text NOT NULL,
  node_id text,
  request_id text,
  phase text NOT NULL CHECK (phase IN ('begin', 'end', 'event')),
  status text,
  duration_ms bigint,
  exit_code bigint,
  session_id text,
  details jsonb NOT NULL,
  prev_hash bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  CHECK ((phase = 'begin') = (status IS NULL))
);
CREATE INDEX audit_by_time ON audit_entries (ts, seq);
CREATE INDEX audit_of_node ON audit_entries (node, ts, seq);
CREATE INDEX audit_of_actor ON audit_entries (actor, ts, seq);
CREATE INDEX audit_of_action ON audit_entries (action, ts, seq);
CREATE INDEX audit_of_request ON audit_entries (request_id) WHERE request_id IS NOT NULL;
-- Nearly all ends are `ok`; whoever asks for the others must not read through those.
CREATE INDEX audit_worth_a_look ON audit_entries (status, ts, seq) WHERE status <> 'ok';

-- `head`: the newest entry; its row lock makes the writers of all processes one queue. `anchor`: the last entry that
-- left when its time was over, behind which the chain begins. Apart, so that sweeping holds up no writer.
CREATE TABLE audit_marks (
  name text PRIMARY KEY CHECK (name IN ('head', 'anchor')),
  seq bigint NOT NULL CHECK (seq >= 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
INSERT INTO audit_marks (name, seq, hash)
VALUES ('head', 0, decode(repeat('00', 32), 'hex')), ('anchor', 0, decode(repeat('00', 32), 'hex'));
