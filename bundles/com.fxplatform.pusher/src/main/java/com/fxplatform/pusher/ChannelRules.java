package com.fxplatform.pusher;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.auth.Caller;
import com.fxplatform.api.executor.Executor;
import com.fxplatform.api.executor.ExecutorDirectory;
import com.fxplatform.api.live.Roster;
import com.fxplatform.api.realtime.ChannelSigner;
import com.fxplatform.api.realtime.RealtimeApp;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Who may listen where. A user: his own user channel, and the channels of executors he owns. An executor: its own
 * channel, and its owner's user channel, because the predecessor allowed that and its clients rely on it. Presence
 * follows the same rule; every other name is closed.
 */
@Component(service = {ChannelRules.class, ChannelSigner.class})
public final class ChannelRules implements ChannelSigner {
  static final String INVALID_SOCKET_ID = "INVALID_SOCKET_ID";
  static final String INVALID_CHANNEL = "INVALID_CHANNEL";
  static final String FORBIDDEN_CHANNEL = "FORBIDDEN_CHANNEL";
  static final String NO_REALTIME_APP = "NO_REALTIME_APP";

  // a free-form id would make us sign other people's sentences, such as a sign-in
  private static final Pattern SOCKET_ID = Pattern.compile("[0-9]{1,40}\\.[0-9]{1,40}");
  private static final Pattern CHANNEL = Pattern.compile("[A-Za-z0-9_\\-=@,.;]{1,164}");

  private final Roster<ExecutorDirectory> directory = new Roster<>(Duration.ofSeconds(5));
  private final AppInForce apps;

  @Activate
  public ChannelRules(@Reference AppInForce apps) {
    this.apps = apps;
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void bindDirectory(ExecutorDirectory service, Map<String, ?> properties) {
    directory.bind(service, properties);
  }

  void unbindDirectory(ExecutorDirectory service) {
    directory.unbind(service);
  }

  /** @throws Refusal 400 unless both have the form that may be signed */
  static void checkForm(String socketId, String channel) {
    if (!SOCKET_ID.matcher(socketId).matches()) {
      throw new Refusal(400, INVALID_SOCKET_ID, "The socket_id must be two numbers with a dot between them");
    }
    if (!CHANNEL.matcher(channel).matches()) {
      throw new Refusal(400, INVALID_CHANNEL, "The channel_name has characters or a length that are not allowed");
    }
  }

  @Override
  public Map<String, String> sign(String socketId, String channel, Caller caller) {
    checkForm(socketId, channel);
    if (!allowed(channel, caller)) {
      throw new Refusal(403, FORBIDDEN_CHANNEL, "Forbidden: Cannot subscribe to this channel");
    }
    RealtimeApp app = apps.app().orElseThrow(
        () -> new Refusal(503, NO_REALTIME_APP, "There is no realtime server at the moment; try again shortly.")
            .withRetryAfter(Duration.ofSeconds(5)));
    Map<String, String> answer = new LinkedHashMap<>();
    String signed = socketId + ":" + channel;
    if (channel.startsWith("presence-")) {
      String channelData = channelData(caller);
      answer.put("auth", app.key() + ":" + Signature.hmac(app.secret(), signed + ":" + channelData));
      answer.put("channel_data", channelData);
    } else {
      answer.put("auth", app.key() + ":" + Signature.hmac(app.secret(), signed));
    }
    return answer;
  }

  private static String channelData(Caller caller) {
    JsonObject info = new JsonObject();
    info.addProperty("authType", caller.scheme());
    caller.executor().ifPresent(executor -> info.addProperty("executorId", executor.id()));
    JsonObject data = new JsonObject();
    data.addProperty("user_id", caller.userId());
    data.add("user_info", info);
    return data.toString();
  }

  private boolean allowed(String channel, Caller caller) {
    for (String kind : new String[] {"private-", "presence-"}) {
      if (channel.startsWith(kind + "user-")) {
        return channel.substring(kind.length() + "user-".length()).equals(caller.userId());
      }
      if (channel.startsWith(kind + "executor-")) {
        return mayHear(channel.substring(kind.length() + "executor-".length()), caller);
      }
    }
    return false;
  }

  private boolean mayHear(String executorId, Caller caller) {
    if (caller.executor().isPresent()) {
      return caller.executor().get().id().equals(executorId);
    }
    return directory.call(known -> known.byId(executorId))
        .map(Executor::userId).filter(caller.userId()::equals).isPresent();
  }
}
