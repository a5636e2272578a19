-- A sensor whose row was removed may be declared again: were its fences counted from one again, a worker that was frozen
-- all the while would come back with one of them. So they are drawn from one row of numbers that never goes back.
CREATE SEQUENCE sensor_fences OWNED BY sensors.fence;
SELECT setval('sensor_fences', coalesce(max(fence), 0) + 1, false) FROM sensors;

-- Lines of processes up to this fence move the cursor no more: somebody has removed what they said of their place.
ALTER TABLE sensors ADD COLUMN reset_fence bigint NOT NULL DEFAULT 0;

-- `stopping`: told to stop, and not at its end yet.
ALTER TABLE sensors DROP CONSTRAINT sensors_status_check;
ALTER TABLE sensors ADD CONSTRAINT sensors_status_check
  CHECK (status IN ('starting', 'running', 'stopping', 'backoff', 'stopped'));
