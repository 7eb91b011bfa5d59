package com.fxplatform.zmq;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * Where terminals of protocol 2 publish prices: a SUB that they dial, two ports above the commands, and that asks for the
 * symbols somebody wants and for no others. Nothing depends on it: without it prices are asked for one by one. But for
 * {@link #want} all of it belongs to the link's I/O thread.
 */
final class TickFeed {
  static final int ABOVE = 2;
  private static final Logger LOG = LoggerFactory.getLogger(TickFeed.class);
  private static final Pattern SYMBOL = Pattern.compile("[A-Za-z0-9._#+-]{1,31}");
  private static final int MOST_SYMBOLS = 200;
  private static final int LARGEST_FRAME = 1024;
  private static final int RECEIVE_MARK = 100;

  private final Set<String> wanted = ConcurrentHashMap.newKeySet();
  private final Set<String> subscribed = new HashSet<>();
  private ZMQ.Socket socket;

  /** True if nobody wanted it before. */
  boolean want(String symbol) {
    return !wanted.contains(symbol) && wanted.size() < MOST_SYMBOLS && SYMBOL.matcher(symbol).matches() && wanted.add(symbol);
  }

  /** What a frame of a symbol begins with: the terminal filters by it. */
  static String prefix(String symbol) {
    return "{\"v\":2,\"type\":\"TICK\",\"symbol\":\"" + symbol + "\",";
  }

  void bind(ZContext context, String host, int port, Consumer<ZMQ.Socket> guard, Readiness readiness) {
    subscribed.clear();
    socket = context.createSocket(SocketType.SUB);
    socket.setLinger(0);
    socket.setRcvHWM(RECEIVE_MARK);
    socket.setMaxMsgSize(LARGEST_FRAME);
    socket.setHandshakeIvl(CommandLink.HANDSHAKE_MILLIS);
    guard.accept(socket);
    try {
      socket.bind(host + port);
      readiness.add(socket);
    } catch (ZMQException | IllegalArgumentException taken) {
      LOG.warn("No terminal can stream prices, because the port is taken; they are asked for one by one. port={}", port);
      socket.close();
      socket = null;
    }
  }

  void gone() {
    socket = null;
  }

  boolean readable() {
    return socket != null && Readiness.readable(socket);
  }

  /** Asks for what is wanted by now, and hands over what came. */
  void work(Consumer<byte[]> tick) {
    if (socket == null) {
      return;
    }
    if (subscribed.size() < wanted.size()) {
      for (String symbol : wanted) {
        if (subscribed.add(symbol)) {
          socket.subscribe(prefix(symbol).getBytes(StandardCharsets.US_ASCII));
        }
      }
    }
    byte[] frame;
    while ((frame = socket.recv(ZMQ.DONTWAIT)) != null) {
      boolean alone = !socket.hasReceiveMore();
      while (socket.hasReceiveMore()) {
        socket.recv(ZMQ.DONTWAIT);
      }
      if (alone) {
        tick.accept(frame);
      }
    }
  }
}
