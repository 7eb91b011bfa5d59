package com.fxplatform.api.http;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Request headers; names are case-insensitive. Immutable. */
@ProviderType
public interface Headers {
  /** The first value of a header. Empty when it is absent; an empty header is an empty string. */
  Optional<String> first(String name);
}
