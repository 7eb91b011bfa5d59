package com.fxplatform.api.user;

import java.time.Instant;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Where users are kept. Implement it to use your own user database. Thread-safe; every call returns within a second.
 * Deleted users are never found.
 */
@ConsumerType
public interface UserDirectory {
  /** Another user has this e-mail: Refusal 409. */
  String EMAIL_TAKEN = "EMAIL_TAKEN";

  Optional<User> byId(String id);

  /** By e-mail, compared in lower case. */
  Optional<User> byEmail(String email);

  /** The bcrypt hash of the user's password, of any prefix {@code $2a$ $2b$ $2y$}; empty for users without a password. */
  Optional<String> passwordHash(String userId);

  /** @throws com.fxplatform.api.Refusal 409 {@link #EMAIL_TAKEN} */
  User create(String email, String firstName, String lastName, String role, String passwordHash);

  /** Whether there is no user at all: only then the first account may be bootstrapped. */
  boolean isEmpty();

  /** Counts one failed sign-in and returns how many there are since the last success. */
  int signInFailed(String userId);

  /** Clears the failure count and any lock. */
  void signInSucceeded(String userId);

  /** Refuses sign-in until then. */
  void lock(String userId, Instant until);
}
