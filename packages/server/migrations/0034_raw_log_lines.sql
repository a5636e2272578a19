-- What an agent prints for its runner is kept beside what is told of it. Rows that are there are of the streams before.
ALTER TABLE log_segments DROP CONSTRAINT log_segments_stream_check;
ALTER TABLE log_segments ADD CONSTRAINT log_segments_stream_check
  CHECK (stream IN ('stdout', 'stderr', 'yard', 'raw')) NOT VALID;
