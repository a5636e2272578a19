-- Trackers: whose issues the installation knows of, and how it reaches them. `trackers/` alone reads and writes here.
CREATE TABLE trackers (
  id uuid PRIMARY KEY,
  name text NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('gitea', 'forgejo', 'github')),
  -- Base of its API, without a slash at its end.
  url text NOT NULL,
  -- {"sealed": …}: AES-256-GCM in an envelope, sealed for `tracker_token:<id>`; else where it is kept.
  token json NOT NULL,
  -- Its webhooks come there. No foreign key: packs have sources too.
  source text NOT NULL UNIQUE,
  projects text[] NOT NULL CHECK (cardinality(projects) > 0),
  bot text,
  poll_ms bigint NOT NULL CHECK (poll_ms > 0),
  paused_by text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_by text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_by text NOT NULL
);
