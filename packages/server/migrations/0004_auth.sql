-- Who may ask what of the API, and which requests were answered already.

CREATE TABLE tokens (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  -- SHA-256 of the token: it is 256 random bits, so nothing slower is needed.
  hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- By the database's clock; null: never. An expired token keeps its name until it is revoked.
  expires_at timestamptz,
  -- To the minute: a write for each request would cost more than the request.
  last_used_at timestamptz,
  -- Revoked tokens stay: runs name them in created_by.
  revoked_at timestamptz
);
CREATE UNIQUE INDEX tokens_live_name ON tokens (name) WHERE revoked_at IS NULL;

-- One row for each Idempotency-Key, committed together with the run that it started.
CREATE TABLE idempotency_keys (
  token_id uuid NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  run_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (token_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
