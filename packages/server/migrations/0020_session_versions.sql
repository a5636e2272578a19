-- What a process runs, for whoever brings an installation up to date one process after the other. Builds from before
-- do not say it.
ALTER TABLE sessions ADD COLUMN version text;
