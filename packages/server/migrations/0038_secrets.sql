-- Values that runs may use and nobody needs to see. `secrets/` alone reads and writes here.
CREATE TABLE secrets (
  name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
  -- AES-256-GCM in an envelope, sealed for `secret:<name>`: put into another row it does not open.
  sealed text NOT NULL,
  description text,
  -- The packs that may use it; NULL: all.
  packs text[] CHECK (cardinality(packs) > 0),
  -- Grows with each new value.
  revision bigint NOT NULL DEFAULT 1 CHECK (revision > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by text NOT NULL
);
