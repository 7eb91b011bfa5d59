package com.fxplatform.itests.framework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fxplatform.api.auth.CredentialCheck;
import com.fxplatform.api.auth.CredentialCheck.Verdict;
import com.fxplatform.api.executor.ExecutorDirectory;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.junit5.context.BundleContextExtension;

/** Credentials and rate limits as they are; the directory is the test's. */
@ExtendWith(BundleContextExtension.class)
public class CredentialsIT {
  @InjectBundleContext
  BundleContext context;

  private House house;
  private final FakeDirectory executors = new FakeDirectory();
  private ServiceRegistration<ExecutorDirectory> directory;

  @BeforeEach
  void enter() {
    house = new House(context);
    directory = house.offer(ExecutorDirectory.class, executors, Map.of());
  }

  @Test
  void verdicts() {
    var executor = executors.add("verdicts");
    CredentialCheck check = house.service(CredentialCheck.class);
    assertEquals(new Verdict.Good(executor), check.check("exe_verdicts", FakeDirectory.SECRET, "192.0.2.1"));
    assertInstanceOf(Verdict.WrongSecret.class, check.check("exe_verdicts", "wrong", "192.0.2.1"));
    assertInstanceOf(Verdict.UnknownKey.class, check.check("exe_nobody", FakeDirectory.SECRET, "192.0.2.1"));
  }

  @Test
  void guessingIsThrottledForTheGuesserOnly() {
    var executor = executors.add("guessed");
    CredentialCheck check = house.service(CredentialCheck.class);
    for (int i = 0; i < 10; i++) {
      assertInstanceOf(Verdict.WrongSecret.class, check.check("exe_guessed", "guess" + i, "192.0.2.66"));
    }
    assertInstanceOf(Verdict.Throttled.class, check.check("exe_guessed", "guess10", "192.0.2.66"));
    assertEquals(new Verdict.Good(executor), check.check("exe_guessed", FakeDirectory.SECRET, "192.0.2.1"));
    assertEquals(new Verdict.Good(executor), check.check("exe_guessed", FakeDirectory.SECRET, "192.0.2.66"));
  }

  @Test
  void aDeletedExecutorIsUnknownAtOnce() {
    executors.add("deleted");
    CredentialCheck check = house.service(CredentialCheck.class);
    assertInstanceOf(Verdict.Good.class, check.check("exe_deleted", FakeDirectory.SECRET, "192.0.2.1"));
    executors.delete("deleted");
    assertInstanceOf(Verdict.UnknownKey.class, check.check("exe_deleted", FakeDirectory.SECRET, "192.0.2.1"));
  }

  @Test
  void thereIsNoCheckWithoutADirectory() {
    house.service(CredentialCheck.class);
    directory.unregister();
    assertFalse(house.offered(CredentialCheck.class));
  }
}
