-- The predecessor's database as Prisma makes it (wire-contract 11), with rows as the predecessor writes them.
CREATE TABLE "User" (
  "id" TEXT NOT NULL, "email" TEXT NOT NULL, "emailVerified" TIMESTAMP(3), "passwordHash" TEXT, "firstName" TEXT, "lastName" TEXT,
  "phoneNumber" TEXT, "avatarUrl" TEXT, "role" TEXT NOT NULL DEFAULT 'user', "twoFactorEnabled" BOOLEAN NOT NULL DEFAULT false,
  "twoFactorSecret" TEXT, "locked" BOOLEAN NOT NULL DEFAULT false, "lockedUntil" TIMESTAMP(3), "failedLoginAttempts" INTEGER NOT NULL DEFAULT 0,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL, "deletedAt" TIMESTAMP(3),
  CONSTRAINT "User_pkey" PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
CREATE TABLE "Executor" (
  "id" TEXT NOT NULL, "userId" TEXT NOT NULL, "name" TEXT NOT NULL, "apiKey" TEXT, "apiSecretHash" TEXT NOT NULL, "sharedSecret" TEXT,
  "platform" TEXT NOT NULL, "brokerServer" TEXT, "accountNumber" TEXT, "status" TEXT NOT NULL DEFAULT 'offline', "lastHeartbeat" TIMESTAMP(3),
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL, "deletedAt" TIMESTAMP(3),
  CONSTRAINT "Executor_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "Executor_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE);
CREATE UNIQUE INDEX "Executor_apiKey_key" ON "Executor"("apiKey");
CREATE TABLE "Command" (
  "id" TEXT NOT NULL, "userId" TEXT NOT NULL, "executorId" TEXT NOT NULL, "command" TEXT NOT NULL, "parameters" JSONB,
  "priority" TEXT NOT NULL DEFAULT 'NORMAL', "status" TEXT NOT NULL DEFAULT 'pending', "result" JSONB,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "executedAt" TIMESTAMP(3), "acknowledgedAt" TIMESTAMP(3),
  CONSTRAINT "Command_pkey" PRIMARY KEY ("id"));

INSERT INTO "User" ("id", "email", "passwordHash", "firstName", "lastName", "role", "locked", "lockedUntil", "failedLoginAttempts", "createdAt", "updatedAt", "deletedAt") VALUES
  ('clu0000000000000000000001', 'trader@old.example', '$2b$10$6BHur1Rm2/V4jjymvkitQuo.LOC47unoqUPGLhj4zX5l5rGfsQRnm', 'Ada', 'Lovelace', 'user', false, NULL, 0, '2025-03-01 08:00:00.123', '2025-03-01 08:00:00.123', NULL),
  ('clu0000000000000000000002', 'demo@nexustrade.com', '$2a$10$Y9.MDyu1eXtxmFLWjg7xwOW4e5SIuQs8j2sSmAXMOl3xT5QLDgW8i', 'Demo', 'User', 'user', false, NULL, 0, '2025-01-01 00:00:00', '2025-01-01 00:00:00', NULL),
  ('clu0000000000000000000003', 'admin@old.example', '$2a$10$UOhM1biAmX4PIQKumjYe8O4ERlXVevQuS9lgj947FvZj/0opT5c0W', NULL, NULL, 'admin', false, NULL, 0, '2025-01-01 00:00:00', '2025-01-01 00:00:00', NULL),
  ('clu0000000000000000000004', 'Trader@old.example', NULL, NULL, NULL, 'user', false, NULL, 0, '2025-04-01 00:00:00', '2025-04-01 00:00:00', NULL),
  ('clu0000000000000000000005', 'gone@old.example', NULL, NULL, NULL, 'user', false, NULL, 0, '2025-04-01 00:00:00', '2025-04-01 00:00:00', '2025-05-01 00:00:00'),
  ('clu0000000000000000000006', 'locked@old.example', '$2y$10$6BHur1Rm2/V4jjymvkitQuo.LOC47unoqUPGLhj4zX5l5rGfsQRnm', NULL, NULL, 'user', true, '2999-01-01 00:00:00', 5, '2025-04-01 00:00:00', '2025-04-01 00:00:00', NULL);

INSERT INTO "Executor" ("id", "userId", "name", "apiKey", "apiSecretHash", "sharedSecret", "platform", "brokerServer", "accountNumber", "status", "lastHeartbeat", "createdAt", "updatedAt", "deletedAt") VALUES
  ('cle0000000000000000000001', 'clu0000000000000000000001', 'London', 'exe_00000000000000000000000000000001', '$2a$10$dT1VvmAPjDyJmeD1vqNnFeuTFcLARt922jFOWDD0287LLkDKQMjmC', 'c2hhcmVk', 'MT5', 'Broker-Live', '4711', 'online', '2026-11-22 10:00:00', '2025-03-02 00:00:00', '2026-11-22 10:00:00', NULL),
  ('cle0000000000000000000002', 'clu0000000000000000000001', 'London', 'exe_00000000000000000000000000000002', '$2b$10$dT1VvmAPjDyJmeD1vqNnFeuTFcLARt922jFOWDD0287LLkDKQMjmC', NULL, 'MT4', NULL, NULL, 'offline', NULL, '2025-03-03 00:00:00', '2025-03-03 00:00:00', NULL),
  ('cle0000000000000000000003', 'clu0000000000000000000003', 'Php made it', 'exe_00000000000000000000000000000003', '$2y$10$dT1VvmAPjDyJmeD1vqNnFeuTFcLARt922jFOWDD0287LLkDKQMjmC', NULL, 'MT5', NULL, NULL, 'offline', NULL, '2025-03-03 00:00:00', '2025-03-03 00:00:00', NULL),
  ('cle0000000000000000000004', 'clu0000000000000000000001', 'Encrypted away', NULL, '$2a$10$dT1VvmAPjDyJmeD1vqNnFeuTFcLARt922jFOWDD0287LLkDKQMjmC', NULL, 'MT5', NULL, NULL, 'offline', NULL, '2025-03-03 00:00:00', '2025-03-03 00:00:00', NULL),
  ('cle0000000000000000000005', 'clu0000000000000000000001', 'Dead generator', 'ntx_0000000000000000000000000000000000000000000000000000000000000000', '$2a$10$dT1VvmAPjDyJmeD1vqNnFeuTFcLARt922jFOWDD0287LLkDKQMjmC', NULL, 'MT5', NULL, NULL, 'offline', NULL, '2025-03-03 00:00:00', '2025-03-03 00:00:00', NULL),
  ('cle0000000000000000000006', 'clu0000000000000000000001', 'Plain secret', 'exe_00000000000000000000000000000006', 'secret', NULL, 'MT5', NULL, NULL, 'offline', NULL, '2025-03-03 00:00:00', '2025-03-03 00:00:00', NULL),
  ('cle0000000000000000000007', 'clu0000000000000000000004', 'Of a namesake', 'exe_00000000000000000000000000000007', '$2a$10$dT1VvmAPjDyJmeD1vqNnFeuTFcLARt922jFOWDD0287LLkDKQMjmC', NULL, 'MT5', NULL, NULL, 'offline', NULL, '2025-03-03 00:00:00', '2025-03-03 00:00:00', NULL),
  ('cle0000000000000000000008', 'clu0000000000000000000001', 'Deleted', 'exe_00000000000000000000000000000008', '$2a$10$dT1VvmAPjDyJmeD1vqNnFeuTFcLARt922jFOWDD0287LLkDKQMjmC', NULL, 'MT5', NULL, NULL, 'offline', NULL, '2025-03-03 00:00:00', '2025-03-03 00:00:00', '2025-05-01 00:00:00');

INSERT INTO "Command" ("id", "userId", "executorId", "command", "parameters", "priority", "status", "createdAt") VALUES
  ('clc0000000000000000000001', 'clu0000000000000000000001', 'cle0000000000000000000001', 'CLOSE_POSITION', '{"ticket": 4711}', 'URGENT', 'pending', '2026-01-01 00:00:00'),
  ('clc0000000000000000000002', 'clu0000000000000000000001', 'cle0000000000000000000001', 'OPEN_POSITION', '{"symbol": "EURUSD"}', 'HIGH', 'pending', '2026-01-01 00:00:00'),
  ('clc0000000000000000000003', 'clu0000000000000000000001', 'cle0000000000000000000001', 'GET_STATUS', NULL, 'NORMAL', 'executed', '2026-01-01 00:00:00'),
  ('cmd_1764000000000_abc123xyz', 'clu0000000000000000000001', 'cle0000000000000000000001', 'START_STRATEGY', '{"strategyId": "s"}', 'NORMAL', 'pending', (now() AT TIME ZONE 'UTC')),
  ('clc0000000000000000000005', 'clu0000000000000000000001', 'cle0000000000000000000004', 'GET_STATUS', '{}', 'LOW', 'pending', '2026-01-01 00:00:00');
