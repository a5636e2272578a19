-- The hash before the head's, so that the statement that moves the head also gives what the new entry follows: an entry
-- that comes alone then costs one statement of one update and one insert. Nobody reads it but that statement; builds
-- from before leave it as it is.
ALTER TABLE audit_marks ADD COLUMN prev_hash bytea;
