package com.fxplatform.api.vault;

import java.io.IOException;
import org.osgi.annotation.versioning.ProviderType;

/** The system's own protection of a user's data, for what other programs sealed with it (Windows: DPAPI). */
@ProviderType
public interface UserDataProtection {
  /**
   * Opens a sealed blob; the caller clears what it gets.
   *
   * @throws IOException with one sentence for a person, on systems that have no such thing and for blobs of others
   */
  byte[] unprotect(byte[] sealed) throws IOException;
}
