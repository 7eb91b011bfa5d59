package com.fxplatform.api.user;

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

  /** How a user stands with us. */
  enum Standing {
    /** May come in. */
    ACTIVE,
    /** May not come in for now. */
    LOCKED,
    /** Was here and is gone for good. */
    DELETED,
    /** Was never here: perhaps the predecessor's, whose sessions we accept. */
    UNSEEN
  }

  Standing standing(String id);

  Optional<User> byId(String id);

  /** By e-mail, compared in lower case. */
  Optional<User> byEmail(String email);

  /** The bcrypt hash of the user's password, of any prefix {@code $2a$ $2b$ $2y$}; empty for users without a password. */
  Optional<String> passwordHash(String userId);

  /** @throws com.fxplatform.api.Refusal 409 {@link #EMAIL_TAKEN} */
  User create(String email, String firstName, String lastName, String role, String passwordHash);

  /** Whether there is no user at all: only then the first account may be bootstrapped. */
  boolean isEmpty();
}
