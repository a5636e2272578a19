-- The last login of each node that was refused although its token is, or was, the node's: until then it was told on that
-- machine alone. One row a node, written at most once a minute, however often somebody with an old token tries. Logins
-- with tokens that were never ours leave nothing.
CREATE TABLE node_refusals (
  node_id uuid PRIMARY KEY REFERENCES nodes ON DELETE CASCADE,
  at timestamptz NOT NULL,
  address text NOT NULL,
  reason text NOT NULL
);
