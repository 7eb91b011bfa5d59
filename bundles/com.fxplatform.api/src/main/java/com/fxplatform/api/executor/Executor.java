package com.fxplatform.api.executor;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * An executor as the server knows it. Never carries the hash of its secret, nor its shared secret.
 *
 * @param id cuid
 * @param userId its owner
 * @param name 3 to 100 characters, unique among the owner's executors
 * @param apiKey {@code exe_} and 32 lower-case hex digits
 * @param platform {@code MT5} or {@code MT4}
 * @param brokerServer as told by the owner or by its heartbeat
 * @param accountNumber as told by the owner or by its heartbeat
 * @param status what it last said of itself: {@code online}, {@code offline} or {@code error}
 * @param lastHeartbeat when it was last heard
 * @param createdAt when it was made
 * @param updatedAt when its row last changed
 * @param vitals what its last heartbeats carried: {@code version}, {@code accountBalance}, {@code accountEquity},
 *     {@code openPositions}, {@code configRevision}, {@code configState} and the like; JSON values
 */
public record Executor(
    String id,
    String userId,
    String name,
    String apiKey,
    String platform,
    Optional<String> brokerServer,
    Optional<String> accountNumber,
    String status,
    Optional<Instant> lastHeartbeat,
    Instant createdAt,
    Instant updatedAt,
    Map<String, Object> vitals) {}
