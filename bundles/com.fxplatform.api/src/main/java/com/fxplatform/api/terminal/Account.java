package com.fxplatform.api.terminal;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/**
 * A trading account as the terminal last told it, in the account's currency.
 *
 * @param balance without open positions
 * @param equity with open positions
 * @param margin in use
 * @param freeMargin left
 * @param profit of the open positions
 * @param number the account's number, if the terminal tells it
 * @param server the broker's server, if the terminal tells it
 * @param openPositions how many, if the terminal tells it
 * @param at when it was told
 */
public record Account(
    BigDecimal balance,
    BigDecimal equity,
    BigDecimal margin,
    BigDecimal freeMargin,
    BigDecimal profit,
    Optional<String> number,
    Optional<String> server,
    Optional<Integer> openPositions,
    Instant at) {}
