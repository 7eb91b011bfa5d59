package com.fxplatform.gateway;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What a connection needs of its socket. No call blocks; one text is sent at a time. */
interface Wire {
  /** @param done told once, from any thread and possibly before this returns: whether the text left */
  void send(String text, Consumer<Boolean> done);

  void ping();

  /** Says goodbye; completes when the close frame left or cannot leave any more. */
  CompletableFuture<Void> close(int code, String reason);

  /** Cuts the line. */
  void abort();
}
