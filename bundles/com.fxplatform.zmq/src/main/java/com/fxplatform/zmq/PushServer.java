package com.fxplatform.zmq;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * The leg that Expert Advisors push to: a ROUTER on the loopback address only. Every request gets exactly one reply,
 * garbage included, of at most 1024 bytes, because the receive buffers of the Expert Advisors are small (wire-contract 8.2).
 */
final class PushServer {
  private static final Logger LOG = LoggerFactory.getLogger(PushServer.class);
  private static final String LOOPBACK = "tcp://127.0.0.1:";
  private static final int LARGEST_REQUEST = 64 << 10;
  private static final int LARGEST_REPLY = 1024;
  private static final int MOST_FRAMES = 8;
  private static final long FIRST_RETRY_MILLIS = 500;
  private static final long LAST_RETRY_MILLIS = 30_000;
  private static final int LONGEST_TEXT = 64;
  private static final List<String> ACCOUNT_KEYS =
      List.of(
          "balance", "equity", "margin", "freeMargin", "profit", "marginLevel", "currency", "leverage", "accountNumber", "server",
          "company", "openPositions");
  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(StreamReadConstraints.builder().maxNumberLength(64).maxNestingDepth(16).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN);
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private final int port;
  private final AccountBook book;
  private final Clock clock = Clock.systemUTC();
  private final ExecutorService thread = Threads.single("fx-zmq-push");
  private final CountDownLatch firstTry = new CountDownLatch(1);
  private final Pipe stop;
  private volatile boolean stopping;
  private volatile Optional<String> trouble = Optional.empty();
  private volatile int boundPort;
  private Map<String, Object> stored;

  /** @param port 0 for any free one */
  PushServer(int port, AccountBook book) {
    this.port = port;
    this.book = book;
    try {
      stop = Pipe.open();
      stop.source().configureBlocking(false);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  PushServer start() {
    thread.execute(this::run);
    return this;
  }

  /** Waits for the first try to bind. */
  boolean tried(long millis) throws InterruptedException {
    return firstTry.await(millis, TimeUnit.MILLISECONDS);
  }

  /** The port it is bound to; 0 while it is not. */
  int port() {
    return boundPort;
  }

  /** Why it is not bound, one sentence with the remedy. */
  Optional<String> trouble() {
    return trouble;
  }

  void close() {
    stopping = true;
    try {
      stop.sink().write(ByteBuffer.wrap(new byte[1]));
    } catch (IOException closed) {
      LOG.debug("The stop pipe is closed.", closed);
    }
    thread.shutdown();
    try {
      if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
        LOG.warn("The push server did not stop within two seconds. port={}", port);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long retry = FIRST_RETRY_MILLIS;
    while (!stopping) {
      try (ZContext context = Threads.context("fx-zmq-push-io");
          ZMQ.Poller poller = context.createPoller(2)) {
        poller.register(stop.source(), ZMQ.Poller.POLLIN);
        if (bind(context, poller)) {
          retry = FIRST_RETRY_MILLIS;
        } else {
          poller.poll(retry);
          retry = Math.min(LAST_RETRY_MILLIS, retry * 2);
        }
      } catch (RuntimeException bug) {
        LOG.error("The push server failed and is built anew. port={}", port, bug);
      } finally {
        boundPort = 0;
        firstTry.countDown();
      }
    }
    try {
      stop.sink().close();
      stop.source().close();
    } catch (IOException closed) {
      LOG.debug("The stop pipe was closed already.", closed);
    }
  }

  /** Serves until the end; false if the port is taken. */
  private boolean bind(ZContext context, ZMQ.Poller poller) {
    ZMQ.Socket router = context.createSocket(SocketType.ROUTER);
    router.setLinger(0);
    router.setMaxMsgSize(LARGEST_REQUEST);
    router.setHandshakeIvl(CommandLink.HANDSHAKE_MILLIS);
    try {
      router.bind(LOOPBACK + (port == 0 ? "*" : Integer.toString(port)));
    } catch (ZMQException taken) {
      if (trouble.isEmpty()) {
        LOG.warn("The port for pushes of the terminal is taken; it is tried again and again. port={}", port);
      }
      trouble =
          Optional.of(
              "Port " + port + " on 127.0.0.1 is taken, so the terminal cannot push:"
                  + " end what uses it, or set zmqPort in com.fxplatform.zmq.");
      return false;
    }
    trouble = Optional.empty();
    String endpoint = router.getLastEndpoint();
    boundPort = Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
    LOG.info("The terminal can push. host=127.0.0.1 port={}", boundPort);
    firstTry.countDown();
    poller.register(router, ZMQ.Poller.POLLIN);
    while (!stopping) {
      poller.poll(-1);
      List<byte[]> frames;
      while (!stopping && (frames = receive(router)) != null) {
        reply(router, frames);
      }
    }
    return true;
  }

  private static List<byte[]> receive(ZMQ.Socket router) {
    byte[] first = router.recv(ZMQ.DONTWAIT);
    if (first == null) {
      return null;
    }
    List<byte[]> frames = new ArrayList<>(3);
    frames.add(first);
    while (router.hasReceiveMore()) {
      byte[] more = router.recv(ZMQ.DONTWAIT);
      if (frames.size() < MOST_FRAMES) {
        frames.add(more);
      }
    }
    return frames;
  }

  private void reply(ZMQ.Socket router, List<byte[]> frames) {
    int envelope = 1;
    for (int at = 1; at < frames.size(); at++) {
      if (frames.get(at).length == 0 && at < frames.size() - 1) {
        envelope = at + 1;
        break;
      }
    }
    byte[] reply = frames.size() - envelope == 1 ? answer(frames.get(envelope)) : failure("One frame per request, please");
    try {
      for (int at = 0; at < envelope; at++) {
        router.send(frames.get(at), ZMQ.DONTWAIT | ZMQ.SNDMORE);
      }
      router.send(reply, ZMQ.DONTWAIT);
    } catch (ZMQException gone) {
      LOG.debug("A push could not be answered. errno={}", gone.getErrorCode());
    }
  }

  /** The one reply to one request, whatever it is. */
  byte[] answer(byte[] request) {
    try {
      byte[] reply = act(JSON.readValue(request, OBJECT));
      return reply.length <= LARGEST_REPLY ? reply : failure("The reply would be too long");
    } catch (IOException | IllegalArgumentException garbage) {
      return failure("Invalid JSON");
    } catch (RuntimeException bug) {
      LOG.error("A push of the terminal could not be worked on.", bug);
      return failure("Internal error");
    }
  }

  private byte[] act(Map<String, Object> request) throws JsonProcessingException {
    if (request == null) {
      return failure("Invalid JSON");
    }
    Object action = request.get("action");
    String name = action instanceof String text ? text : "undefined";
    return switch (name) {
      case "ping" -> success(stamped("pong"));
      case "heartbeat" -> success(stamped("heartbeat_ack"));
      case "account_info", "update_account_info" -> account(request.get("data"));
      case "market_data" ->
          request.get("data") instanceof Map<?, ?>
              ? success(Map.of("message", "Market data received"))
              : failure("Market data is missing");
      case "get_account_info" -> stored == null ? failure("No account info available yet") : success(stored);
      case "get_positions" -> success(Map.of("positions", List.of()));
      case "open_trade", "close_trade", "modify_trade" -> failure("Not supported on this socket");
      default -> failure("Unknown action: " + name.substring(0, Math.min(name.length(), LONGEST_TEXT)));
    };
  }

  private byte[] account(Object data) throws JsonProcessingException {
    if (!(data instanceof Map<?, ?> given) || given.get("balance") == null) {
      return failure("Account info is missing");
    }
    Map<String, Object> known = new LinkedHashMap<>();
    for (String key : ACCOUNT_KEYS) {
      Object value = given.get(key);
      if (value instanceof String text) {
        known.put(key, text.substring(0, Math.min(text.length(), LONGEST_TEXT)));
      } else if (value instanceof Number number) {
        if (number instanceof java.math.BigDecimal exact && Math.abs((long) exact.scale()) > 20) {
          return failure("Account info has a number out of range: " + key);
        }
        known.put(key, number);
      }
    }
    stored = known;
    book.pushed(known, clock.instant());
    return success(Map.of("message", "Account info updated"));
  }

  private Map<String, Object> stamped(String message) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("message", message);
    data.put("timestamp", clock.millis());
    return data;
  }

  private static byte[] success(Map<String, Object> data) throws JsonProcessingException {
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("success", true);
    reply.put("data", data);
    return JSON.writeValueAsBytes(reply);
  }

  private static byte[] failure(String error) {
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("success", false);
    reply.put("error", error);
    try {
      return JSON.writeValueAsBytes(reply);
    } catch (JsonProcessingException impossible) {
      return "{\"success\":false,\"error\":\"Internal error\"}".getBytes(StandardCharsets.UTF_8);
    }
  }
}
