-- Files that steps hand back. `step-files/` alone reads and writes these.

-- Each content once, however many runs have it. What is still being written has no checksum, so that nobody finds it.
CREATE TABLE file_contents (
  id uuid PRIMARY KEY,
  sha256 text UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  bytes bigint CHECK (bytes >= 0),
  begun_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((sha256 IS NULL) = (bytes IS NULL))
);
CREATE INDEX file_contents_unfinished ON file_contents (begun_at) WHERE sha256 IS NULL;

-- Of 1 MiB each, but for the last, from number 0 on.
CREATE TABLE file_pieces (
  content_id uuid NOT NULL REFERENCES file_contents ON DELETE CASCADE,
  number integer NOT NULL,
  piece bytea NOT NULL,
  PRIMARY KEY (content_id, number)
);

-- Which trees of runs have a content: what they may use, and what keeps it. The foreign key is what makes giving a
-- content to another run and deleting one that no run has exclude each other.
CREATE TABLE file_uses (
  root_id uuid NOT NULL,
  content_id uuid NOT NULL REFERENCES file_contents,
  PRIMARY KEY (root_id, content_id)
);
CREATE INDEX file_uses_content ON file_uses (content_id);
