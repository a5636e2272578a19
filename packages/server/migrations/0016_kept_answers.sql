-- Requests that came with an Idempotency-Key, and what they were answered. `idempotency/` alone reads and writes it;
-- runs and calls of nodes have keys of their own (0004, 0008).
CREATE TABLE kept_answers (
  token_id uuid NOT NULL,
  key text NOT NULL,
  -- HMAC of what was asked: bodies hold secrets, which nobody may try out on a hash.
  request_hash text NOT NULL,
  -- The same each time that the request is carried out.
  claim_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Null: not answered yet, or the process was lost on the way.
  status smallint,
  headers json,
  -- Null with a status: it was answered, but with what is not kept. Empty: with nothing.
  body text,
  PRIMARY KEY (token_id, key),
  CHECK ((status IS NULL) = (headers IS NULL)),
  CHECK (status IS NOT NULL OR body IS NULL)
);
CREATE INDEX kept_answers_age ON kept_answers (created_at);
