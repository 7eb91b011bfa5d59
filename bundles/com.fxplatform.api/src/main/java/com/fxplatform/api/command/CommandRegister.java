package com.fxplatform.api.command;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Where the server writes commands down. What it returned survives {@code kill -9}. Thread-safe; every call returns
 * within a second.
 *
 * <p>Statuses only move forward: {@code pending}, {@code received}, {@code executing}, then one of the final words.
 * Facts win over wishes: {@code cancelled} and {@code expired} give way to what the executor says it did.
 */
@ConsumerType
public interface CommandRegister {
  String PENDING = "pending";
  String RECEIVED = "received";
  String EXECUTING = "executing";
  String EXECUTED = "executed";
  String FAILED = "failed";
  String CANCELLED = "cancelled";
  String EXPIRED = "expired";
  String UNKNOWN = "unknown";

  /** The last words. */
  Set<String> FINAL = Set.of(EXECUTED, FAILED, CANCELLED, EXPIRED, UNKNOWN);

  /**
   * What is needed to make a command.
   *
   * @param idempotencyKey two creations with one key, user and executor are one command; empty for none
   */
  record NewCommand(
      String userId,
      String executorId,
      String command,
      Map<String, Object> parameters,
      Priority priority,
      Optional<Instant> expiresAt,
      Optional<String> idempotencyKey) {}

  /** What became of an executor's word. */
  enum Step {
    /** The row says so now. */
    CHANGED,
    /** The row said so already. */
    SAME,
    /** The row has another last word. */
    FINAL
  }

  /** The row after an executor's word, and what became of the word. */
  record Reported(CommandRow row, Step step) {}

  CommandRow create(NewCommand command);

  Optional<CommandRow> byId(String commandId);

  /** Newest first, at most {@code limit}, those of one status if it is given. */
  List<CommandRow> ofExecutor(String executorId, Optional<String> status, int limit);

  /**
   * Which commands of a user are looked for.
   *
   * @param executorId those for one executor; empty for all
   * @param status those of one status; empty for all
   * @param before those older than the command of this id; empty for the newest
   * @param limit at most so many, 1 or more
   */
  record Query(String userId, Optional<String> executorId, Optional<String> status, Optional<String> before, int limit) {}

  /** Newest first. Empty if {@code before} is no command of the user. */
  List<CommandRow> find(Query query);

  /** How many commands each of the executors ever had; who had none may be missing. */
  Map<String, Long> counts(Collection<String> executorIds);

  /**
   * Hands commands out: pending, not expired and not leased, most urgent first, then oldest. Each is leased from now on
   * and counts one attempt more.
   */
  List<CommandRow> lease(String executorId, int max, Duration lease);

  /**
   * Takes an executor's word for one of its commands.
   *
   * @param status one of the words above
   * @param result may be empty for a word that is not final
   * @return empty if the executor has no such command
   */
  Optional<Reported> report(String executorId, String commandId, String status, Optional<Map<String, Object>> result);

  /**
   * Ends a command that did not end yet as {@link #CANCELLED}.
   *
   * @return empty if there is none of this id; {@link Step#SAME} if it was cancelled before
   */
  Optional<Reported> cancel(String commandId);

  /** Cancels what is pending for an executor, of the names given, and returns it. */
  List<CommandRow> cancelPending(String executorId, Set<String> names);

  /** Marks what is past its time as expired and returns it, at most {@code max}. */
  List<CommandRow> expire(Instant now, int max);
}
