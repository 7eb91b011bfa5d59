package com.fxplatform.deploy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code /health}: 200 while the process lives, else 503; {@code /health/ready}: 200 while it does its job. Strangers
 * learn the two booleans, the owner everything; {@code /status} is for the owner, and always 200.
 */
@Component(service = Page.class, property = {Page.PATH + "=/health", Page.PATH + "=/health/ready", Page.PATH + "=/status"})
public final class HealthPage implements Page {
  // streaming only: the object mapper would cost a tenth of a second of every start
  private static final JsonFactory JSON = new JsonFactory();

  private final Health health;

  @Activate
  public HealthPage(@Reference Health health) {
    this.health = health;
  }

  @Override
  public boolean open() {
    return true;
  }

  @Override
  public Answer answer(Ask ask) {
    boolean status = ask.path().equals("/status");
    if (status && !ask.trusted()) {
      return Answer.json(401, "{\"error\":\"The status is for the owner; send the token.\"}");
    }
    Health.Picture picture = health.picture();
    boolean well = status || (ask.path().endsWith("ready") ? picture.ready() : picture.live());
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeBooleanField("live", picture.live());
      json.writeBooleanField("ready", picture.ready());
      if (ask.trusted()) {
        details(json, picture);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Answer.json(well ? 200 : 503, out.toString());
  }

  private static void details(JsonGenerator json, Health.Picture picture) throws IOException {
    json.writeArrayFieldStart("checks");
    for (Health.Check check : picture.checks()) {
      json.writeStartObject();
      json.writeStringField("name", check.name());
      strings(json, "tags", check.tags());
      json.writeStringField("status", check.status());
      json.writeStringField("message", check.message());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("unsatisfied");
    for (Wiring.Missing missing : picture.missing()) {
      json.writeStartObject();
      json.writeStringField("component", missing.component());
      json.writeStringField("bundle", missing.bundle());
      strings(json, "reasons", missing.reasons());
      json.writeBooleanField("vital", missing.vital());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("bundles");
    for (Health.Room room : picture.rooms()) {
      json.writeStartObject();
      json.writeStringField("name", room.name());
      json.writeStringField("version", room.version());
      json.writeStringField("state", room.state());
      json.writeBooleanField("ok", room.ok());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void strings(JsonGenerator json, String field, Iterable<String> values) throws IOException {
    json.writeArrayFieldStart(field);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }
}
