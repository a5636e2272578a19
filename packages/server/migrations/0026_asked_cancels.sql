-- A cancel that was asked of a process that does not have the run's definition: whoever has it cancels the run, and if
-- nobody does for some seconds, the run is ended as it stands. Such runs are few, and looked for in each round.
ALTER TABLE runs ADD COLUMN cancel_asked_by text;
ALTER TABLE runs ADD COLUMN cancel_asked_at timestamptz;
CREATE INDEX runs_cancel_asked ON runs (cancel_asked_at) WHERE cancel_asked_at IS NOT NULL;
