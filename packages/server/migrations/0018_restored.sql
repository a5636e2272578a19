-- The cluster and the database that this installation is in: by them a dump is known that was restored elsewhere.
-- Null until the first start.
ALTER TABLE installation ADD COLUMN place text;
