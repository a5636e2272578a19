-- Events judged again. `rules/` writes them with the decisions and the runs of the replay.

-- The key draws the replay's number: of two requests at once one has it, and the other draws the next.
CREATE TABLE replays (
  event_id uuid NOT NULL,
  replay integer NOT NULL CHECK (replay > 0),
  -- The request, or the many of one bulk replay: an event is replayed once in it, however often it is sent.
  batch uuid NOT NULL,
  -- Tells a writer whose connection was lost whether its own write arrived.
  op_id uuid NOT NULL,
  -- The only rule that was asked; null: all that listen.
  rule text,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (event_id, replay),
  UNIQUE (event_id, batch)
);
