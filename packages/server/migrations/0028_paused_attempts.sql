-- breaking: a build before this one leaves what waits of a run that it resumes as it is, and nobody would start it.
-- Attempts that wait while their run is paused stand apart from those that are ready: of 100,000 at the front of a lane
-- each claim looked at every one, and passed it by.
ALTER TABLE dispatch DROP CONSTRAINT dispatch_state_check;
ALTER TABLE dispatch ADD CONSTRAINT dispatch_state_check CHECK (state IN ('ready', 'delayed', 'paused'));
UPDATE dispatch d SET state = 'paused' FROM runs r
WHERE r.id = d.run_id AND r.paused_by IS NOT NULL AND d.state = 'ready';
CREATE INDEX dispatch_paused ON dispatch (queue) WHERE state = 'paused';
