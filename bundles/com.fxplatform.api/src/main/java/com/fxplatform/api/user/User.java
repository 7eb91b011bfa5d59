package com.fxplatform.api.user;

import java.time.Instant;
import java.util.Optional;

/**
 * A person. Never carries the password hash.
 *
 * @param id cuid
 * @param email as stored; compared in lower case
 * @param name display name, {@code firstName lastName}
 * @param role {@code user} or {@code admin}
 * @param lockedUntil sign-in is refused before this instant
 * @param createdAt when the account was made
 */
public record User(String id, String email, String name, String role, Optional<Instant> lockedUntil, Instant createdAt) {}
