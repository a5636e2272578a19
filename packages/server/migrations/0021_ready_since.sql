-- Since when an attempt waits for a worker, for whoever watches how long that takes. Of what waits already it is the
-- time of this migration.
ALTER TABLE dispatch ADD COLUMN ready_at timestamptz NOT NULL DEFAULT now();
