-- What nodes were called before: a machine that gives the name it was paired with is let in, whenever it comes back,
-- until another node has that name. No live node's name is here.
CREATE TABLE node_former_names (
  name text PRIMARY KEY,
  node_id uuid NOT NULL REFERENCES nodes ON DELETE CASCADE,
  since timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX node_former_names_node ON node_former_names (node_id, since);
