package com.fxplatform.deploy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fxplatform.api.Refusal;
import com.fxplatform.api.deploy.Deployment;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code POST /deploy}: the jar itself, or as {@code text/plain} its absolute path; {@code POST /rollback/<name>};
 * {@code GET /deployments}: the ledger. What is handed in is answered at once with 202; the ledger tells the rest.
 */
@Component(service = Page.class, property = {Page.PATH + "=/deploy", Page.PATH + "=/deployments", Page.PATH + "=/rollback/"})
public final class DeployPage implements Page {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int LONGEST_PATH = 8192;
  private static final long LARGEST = 65L << 20;

  private final Caretaker caretaker;

  @Activate
  public DeployPage(@Reference Caretaker caretaker) {
    this.caretaker = caretaker;
  }

  @Override
  public Answer answer(Ask ask) {
    String wanted = ask.path().equals("/deployments") ? "GET" : "POST";
    if (!ask.method().equals(wanted)) {
      return error(405, "Ask with " + wanted + ".");
    }
    try {
      if (ask.path().equals("/deployments")) {
        return ledger();
      }
      return handedIn(ask.path().equals("/deploy") ? deploy(ask) : caretaker.rollback(ask.path().substring("/rollback/".length())));
    } catch (Refusal no) {
      return error(no.status(), no.getMessage());
    } catch (InvalidPathException e) {
      return error(400, "The body is no path.");
    } catch (IOException e) {
      return error(500, "The jar could not be read: " + e.getMessage());
    }
  }

  private Deployment deploy(Ask ask) throws IOException {
    if (ask.type().startsWith("text/plain")) {
      String path = new String(ask.body().readNBytes(LONGEST_PATH), StandardCharsets.UTF_8).strip();
      if (path.isEmpty() || !Path.of(path).isAbsolute()) {
        throw new Refusal(400, "NO_PATH", "Send the jar itself, or as text/plain its absolute path.");
      }
      return caretaker.deploy(Path.of(path));
    }
    Path received = Files.createTempFile("received-", ".jar");
    try {
      try (OutputStream out = Files.newOutputStream(received)) {
        copy(ask.body(), out);
      }
      return caretaker.deploy(received);
    } finally {
      Files.delete(received);
    }
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long size = 0;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      size += n;
      if (size > LARGEST) {
        throw new Refusal(413, "TOO_LARGE", "The jar is larger than 64 MB; embed less.");
      }
      out.write(buffer, 0, n);
    }
  }

  private static Answer handedIn(Deployment line) throws IOException {
    StringWriter out = new StringWriter();
    Ledger.write(line, out);
    return Answer.json(202, out.toString());
  }

  private Answer ledger() throws IOException {
    StringWriter out = new StringWriter();
    out.append("{\"deployments\":[");
    String comma = "";
    for (Deployment line : caretaker.ledger()) {
      out.append(comma);
      Ledger.write(line, out);
      comma = ",";
    }
    return Answer.json(200, out.append("]}").toString());
  }

  private static Answer error(int status, String sentence) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("error", sentence);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Answer.json(status, out.toString());
  }
}
