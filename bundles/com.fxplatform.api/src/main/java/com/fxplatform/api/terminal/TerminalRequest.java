package com.fxplatform.api.terminal;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One request to the terminal.
 *
 * @param id correlates request and reply in logs; for a platform command its id
 * @param name what the Expert Advisor knows: {@code PING}, {@code GET_ACCOUNT}, {@code GET_PRICE}, {@code GET_BARS},
 *     {@code OPEN_POSITION}, {@code CLOSE_POSITION} (zmq-bridge 1)
 * @param parameters {@code String}, {@code Integer}, {@code Long} or {@code BigDecimal} by name; checked before sending
 * @param lane which requests it goes before
 * @param deadline it must not leave after this instant; empty for no limit of its own
 */
public record TerminalRequest(
    String id, String name, Map<String, Object> parameters, Lane lane, Optional<Instant> deadline) {}
