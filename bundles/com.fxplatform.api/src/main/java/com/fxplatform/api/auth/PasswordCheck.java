package com.fxplatform.api.auth;

import org.osgi.annotation.versioning.ProviderType;

/** Compares a password with a stored bcrypt hash. Thread-safe; costs some 50 ms of a processor. */
@ProviderType
public interface PasswordCheck {
  /** @param hash with any of the prefixes {@code $2a$ $2b$ $2y$}; anything else matches nothing */
  boolean matches(String password, String hash);
}
