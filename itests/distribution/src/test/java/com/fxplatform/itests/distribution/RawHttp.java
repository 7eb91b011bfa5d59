package com.fxplatform.itests.distribution;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Requests that no client would send: bytes out, bytes in. */
final class RawHttp {
  private RawHttp() {}

  /** The answer as far as it came within ten seconds. */
  static String exchange(String platform, String request) throws IOException {
    try (Socket socket = connect(platform)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return answer(socket);
    }
  }

  static Socket connect(String platform) throws IOException {
    URI uri = URI.create(platform);
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), 5000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** Until the other side closes, or a whole answer with its length is there. */
  static String answer(Socket socket) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] some = new byte[8192];
    InputStream in = socket.getInputStream();
    try {
      for (int count = in.read(some); count >= 0; count = in.read(some)) {
        all.write(some, 0, count);
        if (whole(all.toString(StandardCharsets.ISO_8859_1))) {
          break;
        }
      }
    } catch (SocketTimeoutException enough) {
      // what came until now is the answer
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  private static boolean whole(String answer) {
    int head = answer.indexOf("\r\n\r\n");
    int length = answer.indexOf("Content-Length: ");
    if (head < 0 || length < 0 || length > head || answer.startsWith("HTTP/1.1 100")) {
      return false;
    }
    int end = answer.indexOf("\r\n", length);
    return answer.length() >= head + 4 + Integer.parseInt(answer.substring(length + 16, end));
  }
}
