-- Where this installation went, when it was moved to another database (`yard db move`): one row then, else none. The
-- trigger holds for builds that do not look here, too: two that go on from one moment would do the same work twice.
CREATE TABLE moved (
  moved_to text NOT NULL,
  moved_at timestamptz NOT NULL DEFAULT now()
);
CREATE FUNCTION refuse_session_when_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM moved) THEN
    RAISE EXCEPTION 'this installation was moved to %', (SELECT moved_to FROM moved LIMIT 1) USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse_when_moved BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION refuse_session_when_moved();
