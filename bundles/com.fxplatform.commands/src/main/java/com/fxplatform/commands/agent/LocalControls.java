package com.fxplatform.commands.agent;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.executor.PlatformClient;
import com.fxplatform.api.executor.PlatformUrl;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.live.Roster;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The red button of the executor's own page, and the way back: for this machine only, and only for a page that could read
 * the token of {@code GET /api/local/commands}, which no page of somebody else can.
 */
@Component(
    service = {LocalControls.class, Endpoint.class},
    property = {Endpoint.ROUTE + "=POST /api/local/emergency-stop", Endpoint.ROUTE + "=POST /api/local/resume"})
public final class LocalControls implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(LocalControls.class);
  static final String TOKEN = "X-FX-Local";

  private final Roster<PlatformClient> platform = new Roster<>(Duration.ofSeconds(5));
  private final EmergencyStop stop;
  private final Journal journal;
  private final String token;

  @Activate
  public LocalControls(@Reference EmergencyStop stop, @Reference Journal journal) {
    this.stop = stop;
    this.journal = journal;
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    token = HexFormat.of().formatHex(random);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindPlatform(PlatformClient service, Map<String, ?> properties) {
    platform.bind(service, properties);
  }

  void unbindPlatform(PlatformClient service) {
    platform.unbind(service);
  }

  /** What a page of ours sends back. */
  String token() {
    return token;
  }

  @Override
  public Reply handle(Request request) {
    localOnly(request);
    String given = request.headers().first(TOKEN).orElse("");
    Optional<String> origin = request.headers().first("Origin");
    boolean ours =
        MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8))
            && origin.map(LocalControls::local).orElse(true);
    if (!ours) {
      throw new Refusal(403, "LOCAL_ONLY", "This button is for the executor's own page: open http://127.0.0.1 on this machine, or run fx emergency-stop.");
    }
    return request.path().endsWith("/resume") ? resume() : stop(request);
  }

  private Reply stop(Request request) {
    Object given = request.body().length == 0 ? "" : request.json().getOrDefault("reason", "");
    String reason = given instanceof String text && !text.isBlank() ? text.strip() : "the executor's own page";
    Duration offset = platform.speaks("") ? platform.call(PlatformClient::clockOffset) : Duration.ZERO;
    stop.order(Instant.now().plus(offset).toEpochMilli(), reason);
    return Reply.json(202, Map.of("success", true, "message", "Trading is halted; everything is being closed."));
  }

  private Reply resume() {
    boolean stood = journal.halted().isPresent() || journal.paused().isPresent();
    if (stood) {
      journal.resume();
      stop.resumed();
      LOG.warn("Trading is resumed by somebody at this machine.");
    }
    return Reply.ok(Map.of("success", true, "message", stood ? "Trading is resumed." : "Trading was not halted."));
  }

  /** A page of somebody else whose name was made to point to this machine must not get in. */
  static void localOnly(Request request) {
    if (!PlatformUrl.loopback(request.headers().first("Host").orElse("").replaceAll(":\\d+$", ""))) {
      throw new Refusal(403, "LOCAL_ONLY", "This page is for this machine only: open it as http://127.0.0.1.");
    }
  }

  private static boolean local(String origin) {
    try {
      String host = URI.create(origin).getHost();
      return host != null && PlatformUrl.loopback(host);
    } catch (IllegalArgumentException nonsense) {
      return false;
    }
  }
}
