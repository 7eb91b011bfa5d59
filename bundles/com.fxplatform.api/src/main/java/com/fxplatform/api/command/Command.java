package com.fxplatform.api.command;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A command as an executor works on it.
 *
 * @param id the server's id; whatever happens, its effect happens at most once
 * @param name upper case with underscores, for example {@code OPEN_POSITION} (wire-contract 6.1)
 * @param parameters JSON values as sent, not trusted
 * @param priority how urgent
 * @param createdAt when the server made it, by the server's clock
 * @param expiresAt it must not have an effect after this instant; empty for commands that close or stop
 */
public record Command(
    String id, String name, Map<String, Object> parameters, Priority priority, Instant createdAt, Optional<Instant> expiresAt) {}
