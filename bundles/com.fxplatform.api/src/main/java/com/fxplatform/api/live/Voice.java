package com.fxplatform.api.live;

import java.time.Instant;

/**
 * One service as a {@link Roster} sees it: which bundle it came from and how it has done so far.
 *
 * @param id what it speaks for; empty when the roster has no id property
 * @param bundle symbolic name of the bundle it comes from
 * @param version version of that bundle
 * @param speaking whether it answers now, or stands by behind a better or older one
 * @param since when it was bound
 * @param calls calls answered, failures included
 * @param failures calls that ended in anything but a result or a {@link com.fxplatform.api.Refusal}
 * @param totalNanos time spent in those calls, nanoseconds
 */
public record Voice(
    String id, String bundle, String version, boolean speaking, Instant since, long calls, long failures, long totalNanos) {}
