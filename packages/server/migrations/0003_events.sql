-- Sources, deliveries, events, decisions. `inbox/` owns the first two, `events/` and `rules/` the others.
-- One intake writes its delivery, event and decisions in the transaction of the runs that they start.

CREATE TABLE sources (
  id uuid PRIMARY KEY,
  name text NOT NULL UNIQUE,
  kind text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text NOT NULL
);

-- Sealed with the master key. Two may be active: the current one, and its predecessor until it retires.
CREATE TABLE source_secrets (
  id uuid PRIMARY KEY,
  source_id uuid NOT NULL REFERENCES sources ON DELETE CASCADE,
  sealed text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  retires_at timestamptz
);
CREATE UNIQUE INDEX source_secrets_current ON source_secrets (source_id) WHERE retires_at IS NULL;
CREATE INDEX source_secrets_of ON source_secrets (source_id);

-- One raw inbound thing as it arrived.
CREATE TABLE deliveries (
  id uuid PRIMARY KEY,
  channel text NOT NULL CHECK (channel IN ('webhook', 'api')),
  source text NOT NULL,
  received_at timestamptz NOT NULL,
  -- The sender's own id of it.
  sender_id text,
  headers json NOT NULL,
  -- Null where the data of the event is the body, byte for byte (json keeps its text): most bodies are written once.
  body bytea,
  body_sha256 bytea NOT NULL,
  body_bytes integer NOT NULL,
  -- Which secret the signature matched, or which token posted it.
  verified_by text NOT NULL,
  -- Null for a duplicate, and for a body from which no event could be made.
  event_id uuid,
  -- The delivery that came first.
  duplicate_of uuid,
  problem text,
  CHECK (event_id IS NULL OR duplicate_of IS NULL)
);
CREATE INDEX deliveries_repeated ON deliveries (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- What makes a delivery a duplicate: 16 bytes of the hash of (source, delivery id) or (source, body).
-- The first to commit a key holds it; the unique key settles races between processes.
CREATE TABLE delivery_keys (
  key bytea PRIMARY KEY,
  delivery_id uuid NOT NULL,
  seen_at timestamptz NOT NULL,
  -- How long the same key means a duplicate; null: as long as it is kept.
  window_ms bigint
);

-- Immutable facts. Ids are UUIDv7: their order is that of arrival.
CREATE TABLE events (
  id uuid PRIMARY KEY,
  type text NOT NULL,
  source text NOT NULL,
  subject text,
  time timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  delivery_id uuid,
  -- The sender's id of it, where it gave one.
  origin_id text,
  dataschema text,
  traceparent text NOT NULL,
  extensions json,
  -- json, not jsonb: it keeps \u0000 and lone surrogates, and the text as it came.
  data json NOT NULL
);
CREATE INDEX events_of_type ON events (type, id);
CREATE INDEX events_of_source ON events (source, id);

-- One rule judging one event. The key is what makes a second run of a rule for an event impossible.
CREATE TABLE decisions (
  event_id uuid NOT NULL,
  rule text NOT NULL,
  replay integer NOT NULL DEFAULT 0,
  id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('matched', 'not_matched', 'held', 'error')),
  clause text,
  reason text,
  run_id uuid,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (event_id, rule, replay),
  CHECK ((status = 'matched') = (run_id IS NOT NULL)),
  CHECK (status <> 'not_matched' OR clause IS NOT NULL)
);
CREATE INDEX decisions_of_rule ON decisions (rule, event_id, replay);
-- Most judgements are `not_matched`; whoever asks for the others must not read through those.
CREATE INDEX decisions_worth_a_look ON decisions (status, event_id, rule, replay) WHERE status <> 'not_matched';

-- Rules switched on or off against what their pack says.
CREATE TABLE rule_switches (
  rule text PRIMARY KEY,
  enabled boolean NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_by text NOT NULL
);
