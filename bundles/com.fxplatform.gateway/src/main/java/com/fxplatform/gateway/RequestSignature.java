package com.fxplatform.gateway;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.realtime.RealtimeApp;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The signature that back ends put into the query of each request: who, when, what, unchanged. */
final class RequestSignature {
  static final String CODE = "UNAUTHORIZED";
  private static final long OLDEST_SECONDS = 600;

  private final List<Map.Entry<String, String>> parameters = new ArrayList<>();

  RequestSignature(String rawQuery) {
    for (String pair : rawQuery.split("&")) {
      if (!pair.isEmpty()) {
        String[] parts = pair.split("=", 2);
        try {
          parameters.add(Map.entry(decode(parts[0]).toLowerCase(Locale.ROOT), parts.length == 2 ? decode(parts[1]) : ""));
        } catch (IllegalArgumentException badEscape) {
          throw new Refusal(400, "BAD_QUERY", "The query is not percent-encoded correctly");
        }
      }
    }
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  Optional<String> parameter(String name) {
    return parameters.stream().filter(pair -> pair.getKey().equals(name)).map(Map.Entry::getValue).findFirst();
  }

  /** @throws Refusal 401 unless the request was signed for this app within the last ten minutes */
  void check(RealtimeApp app, String appId, String method, String path, byte[] body, long nowSeconds) {
    if (!Signatures.same(app.appId(), appId) || !Signatures.same(app.key(), given("auth_key"))) {
      throw no("Unknown auth_key");
    }
    if (!"1.0".equals(given("auth_version"))) {
      throw no("auth_version must be 1.0");
    }
    if (Math.abs(nowSeconds - timestamp()) > OLDEST_SECONDS) {
      throw no("auth_timestamp is not within " + OLDEST_SECONDS + " seconds of this server's clock");
    }
    if (body.length > 0 && !Signatures.same(Signatures.md5(body), given("body_md5"))) {
      throw no("body_md5 does not belong to this body");
    }
    if (!Signatures.same(Signatures.hmac(app.secret(), method + "\n" + path + "\n" + signedQuery()), given("auth_signature"))) {
      throw no("auth_signature is wrong");
    }
  }

  private String given(String name) {
    return parameter(name).orElse("");
  }

  private long timestamp() {
    try {
      return Math.max(0, Long.parseLong(given("auth_timestamp")));
    } catch (NumberFormatException noNumber) {
      throw no("auth_timestamp must be seconds since 1970");
    }
  }

  private String signedQuery() {
    return parameters.stream().filter(pair -> !pair.getKey().equals("auth_signature"))
        .sorted(Comparator.comparing(Map.Entry::getKey))
        .map(pair -> pair.getKey() + "=" + pair.getValue())
        .collect(Collectors.joining("&"));
  }

  private static Refusal no(String why) {
    return new Refusal(401, CODE, why);
  }
}
