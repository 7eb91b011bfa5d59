-- The secret before the last rotation, good until the end of the overlap.
ALTER TABLE executors ADD COLUMN retired_hash VARCHAR(100);
ALTER TABLE executors ADD COLUMN retired_until TIMESTAMP(3) WITH TIME ZONE;
