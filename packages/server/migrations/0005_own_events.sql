-- Events of Yardmaster's own (`yard.run.finished`). `rules/` makes them of the engine's change feed.

-- Runs between an event and what came from outside: 0 from outside, else one more than the event that started its run.
ALTER TABLE events ADD COLUMN depth integer NOT NULL DEFAULT 0;
-- The event that started the run that an own event tells of.
ALTER TABLE events ADD COLUMN caused_by uuid;

-- One event for each thing that happened: `yard.*` cannot be posted, and its origin_id is what it tells of.
CREATE UNIQUE INDEX events_own ON events (type, origin_id) WHERE type LIKE 'yard.%';

-- How far the feed has become events. The one row is the lock under which it goes on.
CREATE TABLE own_event_place (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  cursor text NOT NULL,
  -- Since when a rule has listened without a break; null while none does. What happened before is passed over.
  listening_since timestamptz,
  -- The write that moved it last: tells a writer whose connection was lost whether its own arrived.
  moved_by uuid
);
-- The beginning of the feed: what happened before a rule listened is passed over by its time.
INSERT INTO own_event_place (cursor) SELECT epoch || '.0.0.0' FROM installation;
