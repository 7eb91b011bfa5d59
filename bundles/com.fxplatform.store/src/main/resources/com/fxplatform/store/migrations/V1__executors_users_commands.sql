-- One schema for H2 and PostgreSQL. Instants are UTC with milliseconds; JSON is kept as the text that was sent.

CREATE TABLE users (
  id              VARCHAR(40)  PRIMARY KEY,
  email           VARCHAR(320) NOT NULL,
  email_key       VARCHAR(320) NOT NULL,
  password_hash   VARCHAR(100),
  first_name      VARCHAR(100),
  last_name       VARCHAR(100),
  role            VARCHAR(20)  NOT NULL,
  locked_until    TIMESTAMP(3) WITH TIME ZONE,
  created_at      TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  updated_at      TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  deleted_at      TIMESTAMP(3) WITH TIME ZONE,
  CONSTRAINT users_email UNIQUE (email_key)
);

CREATE TABLE executors (
  id             VARCHAR(40)  PRIMARY KEY,
  user_id        VARCHAR(40)  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name           VARCHAR(100) NOT NULL,
  -- the name while the executor lives, NULL once it is deleted: names are unique among the living
  live_name      VARCHAR(100),
  api_key        VARCHAR(100) NOT NULL,
  secret_hash    VARCHAR(100) NOT NULL,
  shared_secret  VARCHAR(400),
  platform       VARCHAR(10)  NOT NULL,
  broker_server  VARCHAR(200),
  account_number VARCHAR(100),
  status         VARCHAR(20)  NOT NULL,
  last_heartbeat TIMESTAMP(3) WITH TIME ZONE,
  vitals         VARCHAR(16384),
  created_at     TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  updated_at     TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  deleted_at     TIMESTAMP(3) WITH TIME ZONE,
  CONSTRAINT executors_api_key UNIQUE (api_key),
  CONSTRAINT executors_live_name UNIQUE (user_id, live_name)
);
CREATE INDEX executors_heard ON executors (last_heartbeat);

CREATE TABLE commands (
  id              VARCHAR(40)  PRIMARY KEY,
  user_id         VARCHAR(40)  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  executor_id     VARCHAR(40)  NOT NULL REFERENCES executors (id) ON DELETE CASCADE,
  name            VARCHAR(40)  NOT NULL,
  parameters      VARCHAR(262144),
  -- 0 is the most urgent
  priority        INTEGER      NOT NULL,
  status          VARCHAR(20)  NOT NULL,
  result          VARCHAR(262144),
  attempts        INTEGER      DEFAULT 0 NOT NULL,
  late            BOOLEAN      DEFAULT FALSE NOT NULL,
  idempotency_key VARCHAR(200),
  created_at      TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  acknowledged_at TIMESTAMP(3) WITH TIME ZONE,
  leased_until    TIMESTAMP(3) WITH TIME ZONE,
  executed_at     TIMESTAMP(3) WITH TIME ZONE,
  expires_at      TIMESTAMP(3) WITH TIME ZONE,
  CONSTRAINT commands_idempotency UNIQUE (executor_id, idempotency_key)
);
CREATE INDEX commands_queue ON commands (executor_id, status, priority, created_at);
CREATE INDEX commands_history ON commands (executor_id, created_at);
CREATE INDEX commands_expiry ON commands (status, expires_at);
