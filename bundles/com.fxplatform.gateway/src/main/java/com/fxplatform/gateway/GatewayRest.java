package com.fxplatform.gateway;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.http.Endpoint;
import com.fxplatform.api.http.Reply;
import com.fxplatform.api.http.Request;
import com.fxplatform.api.realtime.RealtimeApp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The HTTP API that the server SDKs of Pusher speak: publish, and ask about channels. */
@Component(property = {
    Endpoint.ROUTE + "=POST /apps/{id}/events",
    Endpoint.ROUTE + "=POST /apps/{id}/batch_events",
    Endpoint.ROUTE + "=GET /apps/{id}/channels",
    Endpoint.ROUTE + "=GET /apps/{id}/channels/{channel}",
    Endpoint.ROUTE + "=GET /apps/{id}/channels/{channel}/users",
    Endpoint.ROUTE + "=POST /apps/{id}/users/{user}/terminate_connections"})
public final class GatewayRest implements Endpoint {
  static final String DISABLED = "APP_DISABLED";
  static final String INVALID = "INVALID_REQUEST";
  static final String TOO_LARGE = "DATA_TOO_LARGE";
  private static final int MOST_CHANNELS = 100;
  private static final int MOST_IN_BATCH = 10;
  private static final String USER_COUNT = "user_count";
  private static final String SUBSCRIPTION_COUNT = "subscription_count";
  private static final String CACHE = "cache";

  private final Gateway gateway;

  @Activate
  public GatewayRest(@Reference Gateway gateway) {
    this.gateway = gateway;
  }

  private record Event(String name, String data, List<ChannelName> channels, String exceptSocket, Set<String> info) {}

  @Override
  public Reply handle(Request request) {
    RealtimeApp app = gateway.app().orElseThrow(() -> new Refusal(403, DISABLED, "This app is switched off"));
    RequestSignature signature = new RequestSignature(request.rawQuery());
    signature.check(app, request.pathValue("id"), request.method(), request.path(), request.body(),
        System.currentTimeMillis() / 1000);
    // /apps/{id}/events has three segments behind an empty first one
    String[] path = request.path().split("/");
    return switch (path[3]) {
      case "events" -> Reply.ok(publish(event(request.json(), true)));
      case "batch_events" -> batch(request.json());
      case "users" -> terminate(request.pathValue("user"));
      default -> path.length == 4 ? channels(signature)
          : path.length == 5 ? channel(name(request.pathValue("channel")), signature)
          : users(name(request.pathValue("channel")));
    };
  }

  private Reply batch(Map<String, Object> body) {
    if (!(body.get("batch") instanceof List<?> batch) || batch.isEmpty() || batch.size() > MOST_IN_BATCH) {
      throw invalid("batch must be a list of 1 to " + MOST_IN_BATCH + " events");
    }
    List<Event> events = new ArrayList<>();
    for (Object each : batch) {
      if (!(each instanceof Map<?, ?> map)) {
        throw invalid("Each event of a batch must be an object");
      }
      Map<String, Object> event = new LinkedHashMap<>();
      map.forEach((key, value) -> event.put(String.valueOf(key), value));
      // all are read before the first is published: all or nothing
      events.add(event(event, false));
    }
    List<Map<String, Object>> answers = new ArrayList<>();
    boolean asked = false;
    for (Event event : events) {
      publish(event);
      asked |= !event.info().isEmpty();
      answers.add(info(event.channels().get(0), event.info()));
    }
    return Reply.ok(asked ? Map.of("batch", answers) : Map.of());
  }

  private Map<String, Object> publish(Event event) {
    for (ChannelName channel : event.channels()) {
      gateway.hub().publish(channel, event.name(), event.data(), event.exceptSocket());
    }
    if (event.info().isEmpty()) {
      return Map.of();
    }
    Map<String, Object> answers = new LinkedHashMap<>();
    event.channels().forEach(channel -> answers.put(channel.text(), info(channel, event.info())));
    return Map.of("channels", answers);
  }

  private static Event event(Map<String, Object> body, boolean several) {
    String name = text(body, "name");
    String data = text(body, "data");
    List<ChannelName> channels = new ArrayList<>();
    if (several && body.get("channels") instanceof List<?> list) {
      for (Object each : list) {
        if (!(each instanceof String channel)) {
          throw invalid("channels must be a list of strings");
        }
        channels.add(new ChannelName(channel));
      }
    } else {
      channels.add(new ChannelName(text(body, "channel")));
    }
    if (channels.isEmpty() || channels.size() > MOST_CHANNELS) {
      throw invalid("channels must name 1 to " + MOST_CHANNELS + " channels");
    }
    if (channels.size() > 1 && channels.stream().anyMatch(ChannelName::encrypted)) {
      throw invalid("An encrypted channel cannot be published to together with others");
    }
    for (ChannelName channel : channels) {
      Hub.unfit(channel, name, data).ifPresent(why -> {
        throw Hub.tooLarge(data) ? new Refusal(413, TOO_LARGE, why) : invalid(why);
      });
    }
    Set<String> info = body.get("info") == null ? Set.of() : infoAsked(text(body, "info"));
    if (info.contains(USER_COUNT) && !channels.stream().allMatch(ChannelName::presence)) {
      throw invalid("user_count is known for presence channels only");
    }
    return new Event(name, data, channels, body.get("socket_id") == null ? null : text(body, "socket_id"), info);
  }

  private Reply channels(RequestSignature query) {
    String prefix = query.parameter("filter_by_prefix").orElse("");
    Set<String> info = infoAsked(query.parameter("info").orElse(""));
    if (info.contains(USER_COUNT) && !prefix.startsWith("presence-")) {
      throw invalid("user_count needs filter_by_prefix=presence-");
    }
    Map<String, Object> answers = new LinkedHashMap<>();
    for (Channel channel : gateway.hub().occupied()) {
      if (channel.name().text().startsWith(prefix)) {
        answers.put(channel.name().text(), info(channel.name(), info));
      }
    }
    return Reply.ok(Map.of("channels", answers));
  }

  private Reply channel(ChannelName name, RequestSignature query) {
    Set<String> info = infoAsked(query.parameter("info").orElse(""));
    if (info.contains(USER_COUNT) && !name.presence()) {
      throw invalid("user_count is known for presence channels only");
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("occupied", gateway.hub().channel(name.text()).map(Channel::connectionCount).orElse(0) > 0);
    answer.putAll(info(name, info));
    return Reply.ok(answer);
  }

  private Reply users(ChannelName name) {
    if (!name.presence()) {
      throw invalid("Users are known for presence channels only");
    }
    List<Map<String, String>> users = gateway.hub().channel(name.text()).map(Channel::userIds).orElse(List.of()).stream()
        .map(id -> Map.of("id", id)).toList();
    return Reply.ok(Map.of("users", users));
  }

  private Reply terminate(String user) {
    gateway.hub().terminate(user);
    return Reply.ok(Map.of());
  }

  private Map<String, Object> info(ChannelName name, Set<String> asked) {
    Map<String, Object> answer = new LinkedHashMap<>();
    var channel = gateway.hub().channel(name.text());
    if (asked.contains(SUBSCRIPTION_COUNT)) {
      answer.put(SUBSCRIPTION_COUNT, channel.map(Channel::connectionCount).orElse(0));
    }
    if (asked.contains(USER_COUNT)) {
      answer.put(USER_COUNT, channel.map(Channel::userCount).orElse(0));
    }
    if (asked.contains(CACHE) && channel.isPresent()) {
      long now = gateway.hub().now();
      String data = channel.get().cachedData(now);
      if (data != null) {
        answer.put(CACHE, Map.of("data", data, "ttl", channel.get().cachedSecondsLeft(now)));
      }
    }
    return answer;
  }

  private static Set<String> infoAsked(String info) {
    return Arrays.stream(info.split(",")).map(String::trim)
        .filter(Set.of(USER_COUNT, SUBSCRIPTION_COUNT, CACHE)::contains).collect(Collectors.toSet());
  }

  private static ChannelName name(String text) {
    ChannelName name = new ChannelName(text);
    if (!name.allowed()) {
      throw invalid("The channel name is not allowed");
    }
    return name;
  }

  private static String text(Map<String, Object> body, String name) {
    if (body.get(name) instanceof String text) {
      return text;
    }
    throw invalid(name + " must be a string");
  }

  private static Refusal invalid(String why) {
    return new Refusal(400, INVALID, why);
  }
}
