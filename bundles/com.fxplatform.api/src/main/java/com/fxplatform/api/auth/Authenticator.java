package com.fxplatform.api.auth;

import com.fxplatform.api.http.Request;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Tells who is calling by one scheme. Thread-safe; returns within a second.
 */
@ConsumerType
public interface Authenticator {
  /** Service property, mandatory: the scheme, for example {@link Caller#SESSION}. */
  String SCHEME = "authenticator.scheme";

  /** Refusal 401: nobody is signed in. */
  String UNAUTHORIZED = "UNAUTHORIZED";

  /**
   * @return the caller, or empty if the request carries nothing of this scheme
   * @throws com.fxplatform.api.Refusal if it does, and it does not prove anything
   */
  Optional<Caller> authenticate(Request request);
}
