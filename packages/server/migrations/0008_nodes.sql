-- Remote machines. `nodes/` alone reads and writes these tables.

CREATE TABLE nodes (
  id uuid PRIMARY KEY,
  -- Trimmed, printable ASCII; a live node's alone.
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
  -- What it was paired for: `yard` swaps a pairing token, `base` is given a lasting one.
  paired_for text NOT NULL CHECK (paired_for IN ('yard', 'base')),
  e2e text NOT NULL CHECK (e2e IN ('off', 'preferred', 'required')),
  -- The operator's; they win over the node's own.
  labels json NOT NULL,
  can_exec boolean NOT NULL,
  can_read boolean NOT NULL,
  can_write boolean NOT NULL,
  can_jobs boolean NOT NULL,
  base_chunks text NOT NULL CHECK (base_chunks IN ('on', 'merge', 'off')),
  base_env text NOT NULL CHECK (base_env IN ('forward', 'refuse')),
  base_stdin_guard boolean NOT NULL,
  -- Counts logins: of two that race, the higher one stands.
  epoch integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL,
  -- Once set it stays: a node that comes back is paired anew. Every login looks at it under the row's lock.
  revoked_at timestamptz,
  revoked_by text,
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE UNIQUE INDEX nodes_live_name ON nodes (name) WHERE revoked_at IS NULL;
CREATE INDEX nodes_by_name ON nodes (name, id);
CREATE INDEX nodes_revoked ON nodes (revoked_at) WHERE revoked_at IS NOT NULL;

-- pairing: swapped once for a lasting one. current: the node's. next: of a rotation, until the first login with it.
-- retired: not valid any more; kept, so that its owner is told that it was revoked.
CREATE TYPE node_token_role AS ENUM ('pairing', 'current', 'next', 'retired');
CREATE TABLE node_tokens (
  id uuid PRIMARY KEY,
  node_id uuid NOT NULL REFERENCES nodes ON DELETE CASCADE,
  role node_token_role NOT NULL,
  -- SHA-256 of the token's text: it is 256 random bits, so nothing slower is needed.
  hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  -- The text under the master key, only where end-to-end encryption needs it.
  sealed text,
  -- The node's policy from the first login with this token on, where a rotation changes it.
  e2e text CHECK (e2e IN ('off', 'preferred', 'required')),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL,
  -- By the database's clock; null: until it is retired.
  expires_at timestamptz,
  retired_at timestamptz,
  -- Written in batches, beside logins.
  last_used_at timestamptz,
  CHECK ((role = 'retired') = (retired_at IS NOT NULL)),
  CHECK (role <> 'pairing' OR expires_at IS NOT NULL)
);
CREATE UNIQUE INDEX node_tokens_live ON node_tokens (node_id, role) WHERE role <> 'retired';
CREATE INDEX node_tokens_node ON node_tokens (node_id, retired_at);

-- The link of each node that ever logged in, and what it said of itself last. Apart from `nodes`, so that what is
-- written often neither locks nor grows the rows that a login and a revocation meet at.
CREATE TABLE node_links (
  node_id uuid PRIMARY KEY REFERENCES nodes ON DELETE CASCADE,
  -- Of the wire; null: no link. Every write but a login names it.
  session_id uuid UNIQUE,
  -- The process that holds it, as in `sessions`.
  process_id uuid,
  token_id uuid NOT NULL,
  epoch integer NOT NULL,
  state text CHECK (state IN ('connected', 'reconnecting', 'draining')),
  -- Of the state, or of its end.
  since timestamptz NOT NULL,
  -- A link that is lost may come back until then.
  until timestamptz,
  reason text,
  connected_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  address text NOT NULL,
  encrypted boolean NOT NULL,
  client text NOT NULL CHECK (client IN ('yard', 'base')),
  protocol_version text NOT NULL,
  capabilities text[] NOT NULL,
  node_version text,
  platform text,
  arch text,
  instance_id text,
  labels json NOT NULL DEFAULT '{}',
  os_version text,
  cpu_count integer,
  mem_bytes bigint,
  slots integer NOT NULL DEFAULT 1,
  agent_version text,
  features text[] NOT NULL DEFAULT '{}',
  calls integer NOT NULL DEFAULT 0,
  jobs integer NOT NULL DEFAULT 0,
  -- The link that this one took the place of while it was up: whether that was another machine is known when this one
  -- has said who it is.
  ousted_instance text,
  ousted_live boolean NOT NULL DEFAULT false,
  -- When one machine ousted another, the last three times.
  ousted_at timestamptz[] NOT NULL DEFAULT '{}',
  -- Two machines share the token: until then the present link keeps its place.
  conflict_until timestamptz,
  CHECK ((session_id IS NULL) = (state IS NULL)),
  CHECK ((session_id IS NULL) = (process_id IS NULL)),
  CHECK ((state = 'reconnecting') = (until IS NOT NULL))
) WITH (fillfactor = 70);

-- One row for each call that came with an Idempotency-Key, written before it is sent: it is never sent twice.
CREATE TABLE node_call_keys (
  token_id uuid NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  call_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (token_id, key)
);
CREATE INDEX node_call_keys_age ON node_call_keys (created_at);
