package com.fxplatform.commands.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fxplatform.api.Refusal;
import com.fxplatform.api.executor.PlatformClient;
import com.fxplatform.api.executor.PlatformClient.Answer;
import com.fxplatform.api.live.Roster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the platform how commands go, on one thread and in order. Last words are told until the platform has taken them,
 * over restarts; the words before are told once if all is well.
 */
final class Outbox {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
  // words that a server may not know; those it does
  private static final Set<String> UNUSUAL = Set.of("unknown", "expired", "cancelled");

  // most commands are done by then, and their result need not wait behind words that nobody will see
  private static final long PASSING_MILLIS = 30;

  private final Roster<PlatformClient> platform;
  private final Journal journal;
  private final long firstWait;
  private final long mostWait;
  private final ScheduledThreadPoolExecutor worker;
  private volatile boolean closing;

  // below: only touched by the worker
  private final Set<String> due = new LinkedHashSet<>();
  private long wait;
  private ScheduledFuture<?> again;

  Outbox(Roster<PlatformClient> platform, Journal journal, Duration firstWait, Duration mostWait) {
    this.platform = platform;
    this.journal = journal;
    this.firstWait = firstWait.toMillis();
    this.mostWait = mostWait.toMillis();
    wait = this.firstWait;
    worker = new ScheduledThreadPoolExecutor(1, Agent.named("fx-commands-outbox"));
    worker.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** A word on the way; not worth a retry, nor worth a word if that passes at once. */
  void mention(String id, String word) {
    try {
      worker.schedule(
          guarded(
              () -> {
                if (again == null && journal.find(id).filter(entry -> !entry.state().isFinal()).isPresent()) {
                  tellOnTheWay(id, word);
                }
              }),
          PASSING_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closing) {
      LOG.debug("The outbox is closed; a word on the way is not told.");
    }
  }

  private void tellOnTheWay(String id, String word) {
    try {
      patch(id, word, Map.of());
    } catch (IOException | Refusal away) {
      LOG.debug("A word on the way was not told. command={} word={}", id, word);
    }
  }

  /** The last word of a command is in the journal: it is told until it is taken. */
  void report(String id) {
    submit(
        () -> {
          due.add(id);
          if (again == null) {
            deliver();
          }
        });
  }

  /** Gives what is due a last chance. */
  void close(long patienceMillis) {
    closing = true;
    worker.shutdown();
    try {
      if (!worker.awaitTermination(patienceMillis, TimeUnit.MILLISECONDS)) {
        LOG.debug("Results are still on their way; what is not taken is told after the next start.");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void deliver() {
    again = null;
    for (Iterator<String> ids = due.iterator(); ids.hasNext(); ) {
      String id = ids.next();
      Optional<Entry> entry = journal.find(id).filter(e -> e.state().isFinal() && !e.reported());
      if (closing && wait != firstWait) {
        return;
      }
      if (entry.isPresent() && !told(entry.get())) {
        later();
        return;
      }
      ids.remove();
    }
    wait = firstWait;
  }

  private void later() {
    long pause = wait - ThreadLocalRandom.current().nextLong(wait / 4 + 1);
    wait = Math.min(mostWait, wait * 2);
    try {
      again = worker.schedule(guarded(this::deliver), pause, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closing) {
      LOG.debug("Results wait in the journal for the next start. count={}", due.size());
    }
  }

  /** Returns whether there is nothing more to tell about it. */
  private boolean told(Entry entry) {
    try {
      Answer answer = patch(entry.id(), entry.status(), entry.result());
      if ((answer.status() == 400 || answer.status() == 422) && UNUSUAL.contains(entry.status())) {
        Map<String, Object> result = new LinkedHashMap<>(entry.result());
        result.put("success", false);
        String prefix = entry.status().equals("unknown") ? "outcome unknown" : entry.status();
        result.put("error", prefix + ": " + result.getOrDefault("error", "no reason given"));
        answer = patch(entry.id(), "failed", result);
      }
      if (answer.ok()) {
        LOG.info("A command's result is with the platform. command={} name={} status={}", entry.id(), entry.name(), entry.status());
      } else if (given(answer)) {
        LOG.warn("The platform does not take a command's result. command={} status={} answer={}", entry.id(), entry.status(), answer.status());
      } else {
        LOG.debug("A command's result was not taken yet. command={} answer={}", entry.id(), answer.status());
        return false;
      }
      journal.reported(entry.id(), entry.status(), true);
      // settled to another word while we told this one
      return journal.find(entry.id()).map(Entry::reported).orElse(true);
    } catch (IOException | Refusal away) {
      LOG.debug("A command's result waits for the platform. command={} reason=\"{}\"", entry.id(), away.getMessage());
      return false;
    }
  }

  /** An answer that will not change: it knows no such command, it has another last word, or it cannot read ours. */
  private static boolean given(Answer answer) {
    return switch (answer.status()) {
      case 409, 400, 413, 422 -> true;
      // a page of a proxy is not the platform's word
      case 404 -> isRefusal(answer.text());
      default -> false;
    };
  }

  private static boolean isRefusal(String text) {
    try {
      return Journal.JSON.readTree(text).path("error").isTextual();
    } catch (JsonProcessingException aPage) {
      return false;
    }
  }

  private Answer patch(String id, String status, Map<String, Object> result) throws IOException {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("commandId", id);
    body.put("status", status);
    if (!result.isEmpty()) {
      body.put("result", result);
    }
    try {
      return platform.call(
          client -> {
            try {
              String executor = client.executorId();
              if (executor.isEmpty()) {
                throw new IOException("This executor has no id yet");
              }
              return client.send("PATCH", "/api/executor/" + executor + "/command", Map.of(), body);
            } catch (IOException away) {
              throw new UncheckedIOException(away);
            }
          });
    } catch (UncheckedIOException away) {
      throw away.getCause();
    }
  }

  private void submit(Runnable work) {
    try {
      worker.execute(guarded(work));
    } catch (RejectedExecutionException closing) {
      LOG.debug("The outbox is closed; what is due stays in the journal.");
    }
  }

  private Runnable guarded(Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (Refusal journalClosed) {
        LOG.debug("The outbox waits for the journal. reason=\"{}\"", journalClosed.getMessage());
        if (!due.isEmpty() && again == null) {
          later();
        }
      } catch (RuntimeException bug) {
        LOG.error("The outbox stumbled; it goes on.", bug);
        if (!due.isEmpty() && again == null) {
          later();
        }
      }
    };
  }
}
