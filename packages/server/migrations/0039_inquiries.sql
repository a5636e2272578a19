-- Questions to people. A step that asks, or whose worker died where a person is to decide, waits as such a row: no
-- worker is held. Written by the advance of the run alone, so that the run's version guards both.
CREATE TABLE inquiries (
  -- Made of the run and the attempt: whoever decides the advance again finds the same.
  id uuid PRIMARY KEY,
  run_id uuid NOT NULL,
  slot text NOT NULL,
  number integer NOT NULL,
  status text NOT NULL CHECK (status IN ('open', 'answered', 'timed_out', 'canceled')),
  -- prompt, title, schema of the answer, default, and what it is about. As text of JSON, which may hold U+0000.
  question json NOT NULL,
  -- Names of the tokens that may answer; null: all that have the scope.
  assigned_to text[],
  asked_at timestamptz NOT NULL,
  expires_at timestamptz,
  ended_at timestamptz,
  answer json,
  answered_by text,
  UNIQUE (run_id, slot, number),
  CHECK ((status = 'open') = (ended_at IS NULL)),
  CHECK ((status = 'answered') = (answered_by IS NOT NULL AND answer IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX inquiries_by_time ON inquiries (asked_at, id);
CREATE INDEX inquiries_open ON inquiries (asked_at, id) WHERE status = 'open';
CREATE INDEX inquiries_assigned ON inquiries USING gin (assigned_to);
