-- The name that a node had when its session began: what its attempts say of where they were, for as long as runs are
-- kept. A node may get another name, or be gone.
ALTER TABLE sessions ADD COLUMN name text;
UPDATE sessions s SET name = n.name FROM nodes n WHERE s.host = 'node:' || n.id::text;
-- Those whose time is over are found by it.
CREATE INDEX sessions_swept ON sessions (ended_at) WHERE swept;
