package com.fxplatform.itests.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One HTTP connection that is kept, as thin as it can be: what measures must not take the processor from what is measured. */
final class KeptLine implements AutoCloseable {
  /** What was answered. */
  record Answer(int status, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  private static final byte[] CONTENT_LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TRANSFER_ENCODING = "transfer-encoding: chunked".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket = new Socket();
  private final InputStream in;
  private final byte[] buffer = new byte[16_384];
  private int next;
  private int end;
  private int start;
  private int line;

  KeptLine(int port) throws IOException {
    this(InetAddress.getLoopbackAddress(), port);
  }

  /** @param from an address of this machine, as which the server sees us */
  KeptLine(InetAddress from, int port) throws IOException {
    socket.bind(new InetSocketAddress(from, 0));
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(30_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    in = socket.getInputStream();
  }

  static byte[] request(String what, int port, String headers, String type, String body) {
    return (what + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + headers
        + (type.isEmpty() ? "" : "Content-Type: " + type + "\r\nContent-Length: " + body.length() + "\r\n") + "\r\n" + body)
        .getBytes(StandardCharsets.US_ASCII);
  }

  Answer send(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    int status = 0;
    int length = 0;
    boolean chunked = false;
    for (line(); line > 0; line()) {
      if (status == 0) {
        status = number(9, 10);
      } else if (starts(CONTENT_LENGTH)) {
        length = number(CONTENT_LENGTH.length + 1, 10);
      } else {
        chunked |= starts(TRANSFER_ENCODING);
      }
    }
    return new Answer(status, chunked ? chunks() : bytes(length));
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    line();
    for (int size = number(0, 16); size > 0; size = number(0, 16)) {
      all.write(bytes(size));
      line();
      line();
    }
    line();
    return all.toByteArray();
  }

  /** Whether the line begins so, whatever the case of its letters. */
  private boolean starts(byte[] lower) {
    if (line < lower.length) {
      return false;
    }
    for (int i = 0; i < lower.length; i++) {
      if ((buffer[start + i] | 0x20) != (lower[i] | 0x20)) {
        return false;
      }
    }
    return true;
  }

  private int number(int from, int radix) {
    int value = 0;
    for (int i = start + from; i < start + line; i++) {
      int digit = Character.digit(buffer[i], radix);
      if (digit < 0) {
        break;
      }
      value = value * radix + digit;
    }
    return value;
  }

  /** The next line is at {@link #start}, {@link #line} bytes long. */
  private void line() throws IOException {
    for (int i = next; ; i++) {
      if (i == end) {
        int seen = i - next;
        fill();
        i = next + seen;
      }
      if (buffer[i] == '\n') {
        start = next;
        line = i - next - 1;
        next = i + 1;
        return;
      }
    }
  }

  private byte[] bytes(int count) throws IOException {
    byte[] all = new byte[count];
    for (int have = 0; have < count; ) {
      if (next == end) {
        fill();
      }
      int some = Math.min(count - have, end - next);
      System.arraycopy(buffer, next, all, have, some);
      have += some;
      next += some;
    }
    return all;
  }

  /** More bytes behind those that were not looked at yet, which move to the front. */
  private void fill() throws IOException {
    System.arraycopy(buffer, next, buffer, 0, end - next);
    end -= next;
    next = 0;
    int count = in.read(buffer, end, buffer.length - end);
    if (count <= 0) {
      throw new EOFException("The server closed the connection");
    }
    end += count;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
