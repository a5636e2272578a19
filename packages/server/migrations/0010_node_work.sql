-- Attempts that are for nodes wait in `dispatch` under the key of their target (`node:{…}`) as their runner. Whoever
-- holds links looks for the targets that wait, by a loose scan of this: it is as small as what waits for nodes.
CREATE INDEX dispatch_targets ON dispatch (runner, queue) WHERE state = 'ready' AND runner >= 'node:' AND runner < 'node;';

-- A node's leases belong to a session of its own (role `node`), which outlives links and, for a time, their processes.
CREATE INDEX sessions_of_nodes ON sessions (host) WHERE ended_at IS NULL AND host >= 'node:' AND host < 'node;';
