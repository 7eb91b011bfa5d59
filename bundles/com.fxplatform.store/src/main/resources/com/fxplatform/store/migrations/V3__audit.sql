-- Append-only; no references: records outlive what they speak of.
CREATE TABLE audit (
  number      BIGINT       PRIMARY KEY,
  at          TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  action      VARCHAR(60)  NOT NULL,
  result      VARCHAR(20)  NOT NULL,
  user_id     VARCHAR(40),
  executor_id VARCHAR(40),
  source      VARCHAR(64),
  details     VARCHAR(4000) NOT NULL,
  hash        VARCHAR(64)  NOT NULL
);
CREATE INDEX audit_user ON audit (user_id, number);

-- The two ends of the chain: the last record, and the last one that retention took away. Its one row is the lock of all writers.
CREATE TABLE audit_ends (
  id           INTEGER     PRIMARY KEY,
  last_number  BIGINT      NOT NULL,
  last_hash    VARCHAR(64) NOT NULL,
  floor_number BIGINT      NOT NULL,
  floor_hash   VARCHAR(64) NOT NULL
);
INSERT INTO audit_ends (id, last_number, last_hash, floor_number, floor_hash) VALUES (1, 0, '', 0, '');
