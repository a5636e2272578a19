-- Ended runs are looked for by how they ended and by the event that started them. Nearly all succeed: whoever asks for the
-- others must not read through those, and they cost a run that succeeds nothing.
CREATE INDEX run_history_worth_a_look ON run_history (status, id) WHERE status <> 'success';
CREATE INDEX run_history_event ON run_history (event_id, id) WHERE event_id IS NOT NULL;
