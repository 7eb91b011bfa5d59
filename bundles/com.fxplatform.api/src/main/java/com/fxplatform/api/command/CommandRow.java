package com.fxplatform.api.command;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A command as the server keeps it.
 *
 * @param id cuid
 * @param userId the executor's owner
 * @param executorId whom it is for
 * @param command its name
 * @param parameters JSON values as sent
 * @param priority how urgent
 * @param status one of {@link CommandRegister}'s words
 * @param result what the executor reported; empty before
 * @param createdAt when it was made
 * @param acknowledgedAt when it was last handed out, or first heard of
 * @param executedAt when it was executed
 * @param expiresAt when it may no longer be begun; empty for never
 * @param attempts how often it was handed out
 * @param late whether the executor's word came after the user or the clock had ended it
 */
public record CommandRow(
    String id,
    String userId,
    String executorId,
    String command,
    Map<String, Object> parameters,
    Priority priority,
    String status,
    Optional<Map<String, Object>> result,
    Instant createdAt,
    Optional<Instant> acknowledgedAt,
    Optional<Instant> executedAt,
    Optional<Instant> expiresAt,
    int attempts,
    boolean late) {
  /** The finer step: a pending command is {@code queued}, or {@code delivered} once it was handed out. */
  public String state() {
    return !CommandRegister.PENDING.equals(status) ? status : acknowledgedAt.isPresent() ? "delivered" : "queued";
  }

  /** The members of the wire, in its order (wire-contract 5.7), and ours after them. */
  public Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("id", id);
    members.put("userId", userId);
    members.put("executorId", executorId);
    members.put("command", command);
    members.put("parameters", parameters);
    members.put("priority", priority.name());
    members.put("status", status);
    members.put("result", result);
    members.put("createdAt", createdAt);
    members.put("executedAt", executedAt);
    members.put("acknowledgedAt", acknowledgedAt);
    members.put("expiresAt", expiresAt);
    members.put("state", state());
    members.put("attempts", attempts);
    members.put("late", late);
    return members;
  }
}
