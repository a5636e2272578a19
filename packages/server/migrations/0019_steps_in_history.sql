-- Ended runs that were steps of others are found by the run whose steps they are. Those that were not, most of them,
-- are not in it: it costs them nothing.
CREATE INDEX run_history_children ON run_history (parent_id, id) WHERE parent_id IS NOT NULL;
