package com.fxplatform.api.vault;

import java.io.IOException;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Keeps a few secrets at rest. Thread-safe. Callers clear the arrays they get and give as soon as they can.
 */
@ProviderType
public interface SecretVault {
  /** The API secret of this executor. */
  String API_SECRET = "api-secret";

  /** The Expert Advisor's InpSharedSecret, where the platform does not provision it. */
  String SHARED_SECRET = "shared-secret";

  /**
   * @param name lower-case letters, digits and {@code -}, at most 64
   * @throws IOException if there is something, and it cannot be read; the message names the remedy, never the secret
   */
  Optional<char[]> read(String name) throws IOException;

  /** Writes atomically: after a crash there is the old secret or the new one. */
  void write(String name, char[] secret) throws IOException;

  /** Forgets it; nothing happens if there is none. */
  void delete(String name) throws IOException;

  /** Where secrets are, in words for a person: {@code file data/vault, readable by its owner only}. */
  String place();
}
