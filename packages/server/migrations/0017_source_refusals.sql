-- Webhooks that were refused for their signature, counted for each source that there is: whoever sends them may be
-- anybody, so they leave no row of their own. `inbox/` alone reads and writes it.
CREATE TABLE source_refusals (
  -- No foreign key: sources of packs have no row.
  source text PRIMARY KEY,
  refused bigint NOT NULL,
  last_at timestamptz NOT NULL,
  last_reason text NOT NULL
);
