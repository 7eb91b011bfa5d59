package com.fxplatform.api.audit;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The audit trail: append-only, each record chained by hash to the one before. Thread-safe. Writing never blocks and
 * never throws; what does not fit any more is counted and said in the log.
 */
@ConsumerType
public interface AuditTrail {
  // wire-contract 13 where it has a name, ours in its style otherwise
  String LOGIN = "LOGIN";
  String LOGOUT = "LOGOUT";
  String CREDENTIALS_CHECKED = "CREDENTIALS_CHECKED";
  String CONFIG_FETCHED = "CONFIG_FETCHED";
  String CHANNEL_AUTHORIZED = "CHANNEL_AUTHORIZED";
  String API_KEY_CREATED = "API_KEY_CREATED";
  String API_KEY_ROTATED = "API_KEY_ROTATED";
  String EXECUTOR_UPDATED = "EXECUTOR_UPDATED";
  String EXECUTOR_DELETED = "EXECUTOR_DELETED";
  String COMMAND_SENT = "COMMAND_SENT";
  String COMMAND_DELIVERED = "COMMAND_DELIVERED";
  String COMMAND_STATUS = "COMMAND_STATUS";
  String EMERGENCY_STOP_TRIGGERED = "EMERGENCY_STOP_TRIGGERED";

  /** {@link Entry#result}: it was done, or allowed. */
  String SUCCESS = "success";

  /** {@link Entry#result}: it was refused. */
  String REFUSED = "refused";

  /**
   * What happened. Never a secret in it.
   *
   * @param action one of the names above, or another in their style; at most 60 characters
   * @param result {@link #SUCCESS} or {@link #REFUSED}
   * @param userId whose business it is: who sees it; empty for nobody's
   * @param executorId which executor; empty for none
   * @param source the address it came from; empty for ourselves
   * @param details JSON values, few and short
   */
  record Entry(
      String action,
      String result,
      Optional<String> userId,
      Optional<String> executorId,
      Optional<String> source,
      Map<String, Object> details) {}

  /** An entry as it is kept: its number in the chain, when, and its hash. */
  record Kept(long number, Instant at, Entry entry, String hash) {}

  /** Writes down what happened once. */
  void note(Entry entry);

  /**
   * Writes down what happens all the time: the first at once; equal ones within a minute become one more record that
   * says how many in {@code times}.
   */
  void tally(Entry entry);

  /**
   * A user's records, latest first.
   *
   * @param before only those with a smaller number
   * @param limit at most so many
   */
  List<Kept> ofUser(String userId, Optional<Long> before, int limit);
}
