package com.fxplatform.executor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SecretInHandTest {
  private final AtomicInteger asked = new AtomicInteger();

  private Optional<char[]> vault() {
    return Optional.of(("secret" + asked.incrementAndGet()).toCharArray());
  }

  @Test
  void theVaultIsAskedOnceForSeveralRequestsInARow() throws IOException {
    SecretInHand hand = new SecretInHand(Duration.ofMinutes(1));
    char[] first = hand.take(this::vault).orElseThrow();
    assertArrayEquals("secret1".toCharArray(), first);
    // the caller clears its copy, and only that
    Arrays.fill(first, '\0');
    assertArrayEquals("secret1".toCharArray(), hand.take(this::vault).orElseThrow());
    assertEquals(1, asked.get());
    hand.putDown();
    assertArrayEquals("secret2".toCharArray(), hand.take(this::vault).orElseThrow());
  }

  @Test
  void itIsPutDownWhenItsTimeIsOver() throws IOException {
    SecretInHand hand = new SecretInHand(Duration.ofMillis(50));
    hand.take(this::vault);
    while (asked.get() == 1) {
      hand.take(this::vault);
      LockSupport.parkNanos(5_000_000);
    }
    assertEquals(2, asked.get());
  }

  @Test
  void aSecretThatWasReadBeforeANewOneCameIsNotKept() throws IOException {
    SecretInHand hand = new SecretInHand(Duration.ofMinutes(1));
    hand.take(() -> {
      // set up anew while the vault was being read
      hand.putDown();
      return vault();
    });
    assertArrayEquals("secret2".toCharArray(), hand.take(this::vault).orElseThrow());
  }

  @Test
  void whoeverIsClosedKeepsNothing() throws IOException {
    SecretInHand hand = new SecretInHand(Duration.ofMinutes(1));
    hand.close();
    assertArrayEquals("secret1".toCharArray(), hand.take(this::vault).orElseThrow());
    assertArrayEquals("secret2".toCharArray(), hand.take(this::vault).orElseThrow());
  }

  @Test
  void nothingIsNotKept() throws IOException {
    SecretInHand hand = new SecretInHand(Duration.ofMinutes(1));
    assertTrue(hand.take(Optional::empty).isEmpty());
    assertArrayEquals("secret1".toCharArray(), hand.take(this::vault).orElseThrow());
  }
}
