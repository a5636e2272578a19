-- Events are found by their trace. Where its sender gave none, an event's trace is made of its own id and needs no
-- index: so this one holds only traces that came with events, and costs the others nothing.
CREATE INDEX events_of_trace ON events (substr(traceparent, 4, 32))
  WHERE substr(traceparent, 4, 32) <> replace(id::text, '-', '');
