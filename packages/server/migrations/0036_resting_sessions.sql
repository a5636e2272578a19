-- Why a worker takes no processes, or one at a time: it could not begin the last one. Said with each renewal, so that
-- whoever waits for it is told by any process.
ALTER TABLE sessions ADD COLUMN resting text;
