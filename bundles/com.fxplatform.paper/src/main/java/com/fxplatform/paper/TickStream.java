package com.fxplatform.paper;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * The prices of protocol 2 (zmq-bridge 6.5): a PUB that dials the bridge and says what somebody subscribed to and nothing
 * else, each symbol when it moves, at most ten times a second, and twice a second while it stands. For one thread.
 */
final class TickStream {
  static final int ABOVE = 2;
  static final int PAUSE_MILLIS = 100;
  private static final Logger LOG = LoggerFactory.getLogger(TickStream.class);
  private static final Pattern ASKED = Pattern.compile("\\{\"v\":2,\"type\":\"TICK\",\"symbol\":\"([A-Za-z0-9._#+-]{1,31})\",");
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
  private static final long STANDS_MILLIS = 500;

  /** What was last said of a symbol, and when its price last moved. */
  private record Said(Prices.Quote quote, long time, long ts) {}

  private final Broker broker;
  private final Map<String, Said> symbols = new LinkedHashMap<>();
  private ZMQ.Socket socket;
  private long workedAt;

  TickStream(Broker broker) {
    this.broker = broker;
  }

  ZMQ.Socket open(ZContext context) {
    symbols.clear();
    // XPUB sees what is subscribed to
    socket = context.createSocket(SocketType.XPUB);
    socket.setImmediate(false);
    socket.setLinger(0);
    socket.setSndHWM(Instrument.TABLE.size());
    return socket;
  }

  boolean wanted() {
    return !symbols.isEmpty();
  }

  /** @param head what each frame says of the terminal, without braces */
  void work(long now, String head, String secret) {
    listen();
    if (symbols.isEmpty() || secret.isEmpty() || now - workedAt < PAUSE) {
      return;
    }
    workedAt = now;
    for (Map.Entry<String, Said> each : symbols.entrySet()) {
      Optional<Prices.Quote> quote = broker.quote(each.getKey());
      if (quote.isPresent()) {
        say(each, quote.get(), head, secret);
      }
    }
  }

  private void listen() {
    byte[] asked;
    while ((asked = socket.recv(ZMQ.DONTWAIT)) != null) {
      Matcher symbol = asked.length < 2 ? null : ASKED.matcher(new String(asked, 1, asked.length - 1, StandardCharsets.US_ASCII));
      if (symbol == null || !symbol.matches()) {
        continue;
      }
      if (asked[0] == 0) {
        symbols.remove(symbol.group(1));
      } else if (Instrument.TABLE.containsKey(symbol.group(1)) && symbols.putIfAbsent(symbol.group(1), new Said(null, 0, 0)) == null) {
        LOG.info("A price is streamed. symbol={}", symbol.group(1));
      }
    }
  }

  private void say(Map.Entry<String, Said> symbol, Prices.Quote quote, String head, String secret) {
    Said last = symbol.getValue();
    long ts = System.currentTimeMillis();
    boolean moved = !quote.equals(last.quote());
    if (!moved && ts - last.ts() < STANDS_MILLIS) {
      return;
    }
    Said now = new Said(quote, moved ? ts : last.time(), ts);
    symbol.setValue(now);
    Instrument known = Instrument.TABLE.get(symbol.getKey());
    String frame = "{\"v\":2,\"type\":\"TICK\",\"symbol\":\"" + symbol.getKey() + "\"," + head + ",\"bid\":" + known.text(quote.bid())
        + ",\"ask\":" + known.text(quote.ask()) + ",\"spread\":" + known.points(quote) + ",\"time\":" + now.time() + ",\"ts\":" + ts + "}";
    try {
      socket.send(SignedText.sign(frame, secret), ZMQ.DONTWAIT);
    } catch (ZMQException gone) {
      LOG.debug("A price could not be published. errno={}", gone.getErrorCode());
    }
  }
}
