-- A claim asks for attempts of one runner: in a lane those of others stood in its way, of nodes that are away perhaps
-- very many, and each claim walked past all of them.
CREATE INDEX dispatch_lane_runner ON dispatch (queue, runner, priority, run_id, slot) WHERE state = 'ready' AND queue <> '';
CREATE INDEX dispatch_lane_runner_key ON dispatch (queue, runner, key, priority, run_id, slot) WHERE state = 'ready' AND queue <> '';
DROP INDEX dispatch_lane_key;
DROP INDEX dispatch_lane;
