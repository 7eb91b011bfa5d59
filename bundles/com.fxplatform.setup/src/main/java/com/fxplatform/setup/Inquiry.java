package com.fxplatform.setup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fxplatform.api.executor.BoundedBody;
import com.fxplatform.api.executor.PlatformUrl;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Asks the platform for the configuration, once, and says in one sentence what is wrong if something is. */
final class Inquiry {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST = 256 * 1024;

  /** What the platform said of this executor. */
  record Found(String executorName, int settings) {}

  private final PrintStream out;
  private final Duration patience;
  private final Duration quiet;

  /**
   * @param patience how long to wait for the whole answer
   * @param quiet after how long to say that we wait
   */
  Inquiry(PrintStream out, Duration patience, Duration quiet) {
    this.out = out;
    this.patience = patience;
    this.quiet = quiet;
  }

  Found ask(PlatformUrl url, String key, char[] secret) throws Stop {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(patience)
            .build();
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve("/api/executor/config"))
            .timeout(patience)
            .header("X-API-Key", key)
            .header("X-API-Secret", new String(secret))
            .header("Accept", "application/json")
            .header("User-Agent", "FX-Executor/setup")
            .build();
    return read(url, answer(url, client.sendAsync(request, about -> new BoundedBody(MOST))));
  }

  private HttpResponse<byte[]> answer(PlatformUrl url, CompletableFuture<HttpResponse<byte[]>> asked) throws Stop {
    try {
      try {
        return asked.get(quiet.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException slow) {
        out.println("Still waiting for " + url.host() + " ...");
        return asked.get(patience.minus(quiet).toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (TimeoutException none) {
      asked.cancel(true);
      throw new Stop(url.host() + " does not answer: check the address, and whether a firewall is in between.");
    } catch (InterruptedException stop) {
      asked.cancel(true);
      Thread.currentThread().interrupt();
      throw new Stop("The setup was stopped; nothing was written.");
    } catch (ExecutionException failed) {
      throw new Stop(sentence(url, failed.getCause()));
    }
  }

  private static String sentence(PlatformUrl url, Throwable trouble) {
    String host = url.host();
    for (Throwable t = trouble; t != null; t = t.getCause()) {
      if (t instanceof UnresolvedAddressException) {
        return "Nobody knows the address " + host + ": check the spelling, and this machine's network.";
      }
      if (t instanceof CertificateExpiredException || t instanceof CertificateNotYetValidException) {
        return "The certificate of " + host + " is not valid today: check this machine's clock, else tell the platform's operator.";
      }
      if (t instanceof CertificateException && String.valueOf(t.getMessage()).contains("No ")) {
        return "The certificate of " + url.host() + " is for another name: check the address.";
      }
    }
    for (Throwable t = trouble; t != null; t = t.getCause()) {
      if (t instanceof SSLException && String.valueOf(t.getMessage()).toLowerCase(Locale.ROOT).contains("unrecognized ssl message")) {
        return host + " does not speak TLS at this port: check the address.";
      }
      if (t instanceof SSLException) {
        return "The certificate of " + host + " is not trusted by this machine: use an address with a public certificate, or have its authority added to this Java's trust store.";
      }
      if (t instanceof BoundedBody.TooLong) {
        return "Something answers at " + url + ", but it is not an FX Platform server: check the address.";
      }
      if (t instanceof HttpConnectTimeoutException || t instanceof HttpTimeoutException) {
        return host + " does not answer: check the address, and whether a firewall is in between.";
      }
      if (t instanceof NoRouteToHostException) {
        return "There is no way to " + host + " from here: check this machine's network.";
      }
      if (t instanceof ConnectException) {
        return "Nobody listens at " + url + ": check the address and whether the platform is running.";
      }
    }
    return "The connection to " + host + " broke: try again, and check the address if it happens again.";
  }

  private static Found read(PlatformUrl url, HttpResponse<byte[]> answer) throws Stop {
    JsonNode body = json(new String(answer.body(), StandardCharsets.UTF_8));
    int status = answer.statusCode();
    // our answers are JSON objects; pages, proxies and other products say something else
    boolean ours = body.isObject() && (body.path("error").isTextual() || body.path("success").isBoolean());
    String notOurs = "Something answers at " + url + ", but it is not an FX Platform server: check the address.";
    if (status >= 300 && status < 400) {
      throw new Stop(url + " sends us on to " + target(url, answer) + ": give the address of the platform itself.");
    }
    if (!ours) {
      if (status >= 500) {
        throw new Stop(url.host() + " answers with HTTP " + status + " and no reason: try again later, or check the address.");
      }
      throw new Stop(notOurs);
    }
    switch (status) {
      case 200 -> {
        JsonNode config = body.path("config");
        if (!body.path("success").asBoolean() || !config.isObject() || config.path("executorId").asText().isEmpty()) {
          throw new Stop(notOurs);
        }
        return new Found(config.path("executorName").asText(""), leaves(config));
      }
      case 400 -> throw new Stop("The platform does not accept the form of this API key: copy it again from the platform.");
      case 401 -> throw new Stop("The API secret is wrong: copy it again, or create a new one on the platform.");
      case 403 -> throw new Stop("The platform does not allow this executor in: ask its operator why.");
      case 404 -> {
        if (body.path("code").asText().equals("EXECUTOR_NOT_FOUND")) {
          throw new Stop("The platform knows no executor with this API key: check the key, or whether the executor was deleted.");
        }
        throw new Stop(notOurs);
      }
      case 429 -> {
        String wait = answer.headers().firstValue("Retry-After").filter(s -> s.matches("\\d{1,4}")).map(s -> s + " seconds").orElse("a minute");
        throw new Stop("Too many attempts: wait " + wait + " and run fx setup again.");
      }
      default -> throw new Stop("The platform has a problem of its own (HTTP " + status + "): try again later, or tell its operator.");
    }
  }

  private static String target(PlatformUrl url, HttpResponse<byte[]> answer) {
    try {
      URI to = url.resolve("/").resolve(answer.headers().firstValue("Location").orElse(""));
      return to.getHost() == null ? "another address" : to.getScheme() + "://" + to.getHost() + (to.getPort() < 0 ? "" : ":" + to.getPort());
    } catch (IllegalArgumentException nonsense) {
      return "another address";
    }
  }

  private static int leaves(JsonNode node) {
    int count = 0;
    for (JsonNode child : node) {
      count += child.isObject() ? leaves(child) : 1;
    }
    return count;
  }

  private static JsonNode json(String text) {
    try {
      JsonNode read = JSON.readTree(text);
      return read == null ? JSON.missingNode() : read;
    } catch (JsonProcessingException aPage) {
      return JSON.missingNode();
    }
  }
}
