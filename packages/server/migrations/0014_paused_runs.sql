-- Paused runs are few among the live ones: the runs that are their steps are looked for in each round of the scheduler.
CREATE INDEX runs_paused ON runs (id) WHERE paused_by IS NOT NULL;
