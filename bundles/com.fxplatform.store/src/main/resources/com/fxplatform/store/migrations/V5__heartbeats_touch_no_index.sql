-- Every heartbeat moved its row in this index, and kept PostgreSQL from updating in place (HOT); it was read only when a plugin changed.
DROP INDEX executors_heard;
