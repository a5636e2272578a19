-- Packs: what was stored, and which of it is active. `packs/` alone writes these; whoever judges by rules reads
-- definition_revision in the transaction of its judgement.

-- Contents of files, each once however many versions of a pack hold it.
CREATE TABLE pack_blobs (
  sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  content bytea NOT NULL
);

-- One row a version of a pack, by the digest of all its paths, modes and contents. Never changed.
CREATE TABLE packs (
  digest text PRIMARY KEY CHECK (digest ~ '^[0-9a-f]{64}$'),
  name text NOT NULL,
  version text NOT NULL,
  description text,
  -- [{path, executable, bytes, sha256}], sorted by path.
  files json NOT NULL,
  -- {queues, sources}: names that only one active pack may define.
  claims json NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now()
);

-- The version of each pack that new runs and rules use.
CREATE TABLE active_packs (
  name text PRIMARY KEY,
  digest text NOT NULL REFERENCES packs,
  folder text NOT NULL,
  activated_at timestamptz NOT NULL DEFAULT now()
);

-- Grows in the same transaction as every change of what is active. Its one row is the lock of activation.
CREATE TABLE definition_revision (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  revision bigint NOT NULL
);
INSERT INTO definition_revision (revision) VALUES (0);

-- Folders that could not be taken up, as of their last reading; their last good version stays active.
CREATE TABLE pack_problems (
  folder text PRIMARY KEY,
  pack text,
  problems json NOT NULL,
  found_at timestamptz NOT NULL DEFAULT now()
);
