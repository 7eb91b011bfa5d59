package com.fxplatform.api.terminal;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One request to the terminal.
 *
 * @param id correlates request and reply in logs; for a platform command its id
 * @param name what every Expert Advisor knows: {@code PING}, {@code GET_ACCOUNT}, {@code GET_PRICE}, {@code GET_BARS},
 *     {@code OPEN_POSITION}, {@code CLOSE_POSITION} (zmq-bridge 1); and where {@link TerminalLink#knows} says so
 *     {@code GET_POSITIONS} (answers {@code positions}, each with ticket, symbol, action, lotSize, openPrice, stopLoss,
 *     takeProfit, profit, comment, requestId), {@code MODIFY_POSITION} (ticket, stopLoss, takeProfit; 0 removes),
 *     {@code CLOSE_ALL} (symbol and {@code which} = {@code profitable} or {@code losing}, both optional; answers
 *     {@code closed} and {@code failed}), {@code QUERY} (key = an OPEN_POSITION's request id; answers {@code known} and
 *     its {@code result}), {@code HALT} (no OPEN_POSITION from now on, over restarts) and {@code RESUME}
 * @param parameters {@code String}, {@code Integer}, {@code Long} or {@code BigDecimal} by name; checked before sending.
 *     {@code account} is for any request: which terminal, where there are several; it is not sent
 * @param lane which requests it goes before
 * @param deadline it must not leave after this instant; empty for no limit of its own
 */
public record TerminalRequest(
    String id, String name, Map<String, Object> parameters, Lane lane, Optional<Instant> deadline) {}
