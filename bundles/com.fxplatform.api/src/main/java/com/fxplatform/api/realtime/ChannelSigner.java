package com.fxplatform.api.realtime;

import com.fxplatform.api.auth.Caller;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** Decides who may listen where, and signs it. Thread-safe, no I/O but a lookup of the executor's owner. */
@ProviderType
public interface ChannelSigner {
  /**
   * @param socketId {@code digits.digits}
   * @param channel at most 164 characters of the allowed alphabet
   * @return {@code auth}, and {@code channel_data} for presence channels
   * @throws com.fxplatform.api.Refusal 400 for a malformed id or channel, 403 if the caller may not listen there,
   *     503 if there is no realtime app
   */
  Map<String, String> sign(String socketId, String channel, Caller caller);
}
