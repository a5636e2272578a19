-- What waits of a run goes by the number of its items: by the text of the slot, `pages#10` stood before `pages#2`.
CREATE INDEX dispatch_ready_turn ON dispatch (runner, priority, run_id, length(slot), slot) WHERE state = 'ready' AND queue = '';
CREATE INDEX dispatch_lane_turn ON dispatch (queue, runner, priority, run_id, length(slot), slot) WHERE state = 'ready' AND queue <> '';
CREATE INDEX dispatch_lane_key_turn ON dispatch (queue, runner, key, priority, run_id, length(slot), slot) WHERE state = 'ready' AND queue <> '';
DROP INDEX dispatch_ready;
DROP INDEX dispatch_lane_runner;
DROP INDEX dispatch_lane_runner_key;
