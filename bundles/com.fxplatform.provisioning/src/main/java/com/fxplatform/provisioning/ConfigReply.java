package com.fxplatform.provisioning;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fxplatform.api.audit.AuditTrail;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.provisioning.Provisioned;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A configuration as it goes over the wire (wire-contract 5.1). What two replies have in common is written once. */
final class ConfigReply {
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final Map.Entry<String, String> NO_STORE =
      Map.entry("Cache-Control", "no-store, no-cache, must-revalidate, proxy-revalidate");
  private static final Map.Entry<String, String> JSON = Map.entry("Content-Type", "application/json");

  /** The text of the millisecond that was asked for last: a busy server asks for each one many times. */
  private record Stamp(long millis, String text) {}

  private static volatile Stamp last = new Stamp(0, "");

  private final String etag;
  private final byte[] head;
  private final byte[] tail;
  private final List<Map.Entry<String, String>> headers;
  private volatile AuditTrail.Entry fetched;

  ConfigReply(Executor executor, Provisioned provisioned) {
    etag = "\"" + provisioned.revision() + "\"";
    headers = List.of(NO_STORE, Map.entry("ETag", etag), JSON);
    String values = JsonValue.text(provisioned.values());
    // the object stays open for what changes with each request
    head = utf8("{\"success\":true,\"config\":" + values.substring(0, values.length() - 1) + (values.length() > 2 ? "," : "")
        + "\"executorCreatedAt\":\"" + MILLIS.format(executor.createdAt()) + "\",\"executorStatus\":\"");
    tail = utf8("\",\"revision\":" + JsonValue.text(provisioned.revision())
        + ",\"provenance\":" + JsonValue.text(provisioned.provenance()) + "}}");
  }

  /** The same entry for the same source, so that the trail need not compare two. */
  AuditTrail.Entry fetched(Executor executor, String source) {
    AuditTrail.Entry entry = fetched;
    if (entry == null || !entry.source().orElse("").equals(source)) {
      entry = ConfigEndpoint.fetched(executor, source, AuditTrail.SUCCESS, Map.of("revision", etag.substring(1, etag.length() - 1)));
      fetched = entry;
    }
    return entry;
  }

  String etag() {
    return etag;
  }

  /** @param took how long it took to find out, in milliseconds */
  Reply full(Executor executor, Instant now, long took) {
    String time = text(now);
    byte[] middle = utf8(new String(JsonStringEncoder.getInstance().quoteAsString(executor.status())) + "\",\"serverTime\":\"" + time
        + "\"},\"metadata\":{\"requestProcessingTime\":" + took + ",\"timestamp\":\"" + time);
    byte[] body = Arrays.copyOf(head, head.length + middle.length + tail.length);
    System.arraycopy(middle, 0, body, head.length, middle.length);
    System.arraycopy(tail, 0, body, head.length + middle.length, tail.length);
    return new Reply(200, headers, body);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Instant now) {
    Stamp stamp = last;
    if (stamp.millis != now.toEpochMilli()) {
      stamp = new Stamp(now.toEpochMilli(), MILLIS.format(now));
      last = stamp;
    }
    return stamp.text;
  }

  /** The caller has it already. */
  Reply unchanged() {
    return new Reply(304, List.of(NO_STORE, Map.entry("ETag", etag)), null);
  }
}
