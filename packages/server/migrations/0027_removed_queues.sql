-- Since when no active pack declares a queue: it goes some time later, when nothing can come to it any more.
ALTER TABLE queues ADD COLUMN removed_at timestamptz;
