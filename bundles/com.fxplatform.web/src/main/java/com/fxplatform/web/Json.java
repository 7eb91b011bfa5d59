package com.fxplatform.web;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fxplatform.api.Refusal;
import com.fxplatform.api.http.Request;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;

/** JSON at the edge: bounded when it comes in, the wire's shapes when it goes out. */
final class Json {
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(64).maxNumberLength(64).maxNameLength(1024).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .addModule(
              new SimpleModule()
                  .addSerializer(Instant.class, new InstantText())
                  .addSerializer(Optional.class, new OptionalValue()))
          .build();
  private static final ObjectReader OBJECT = MAPPER.readerForMapOf(Object.class);
  private static final ObjectWriter WRITER = MAPPER.writer();

  private Json() {}

  static Map<String, Object> read(byte[] body) {
    try {
      Map<String, Object> object = OBJECT.readValue(body);
      if (object != null) {
        return object;
      }
    } catch (IOException malformed) {
      // answered below; the parser's text may quote the body and stays inside
    }
    throw new Refusal(400, Request.INVALID_JSON, "The request body is not a valid JSON object");
  }

  static byte[] write(Object value) throws JsonProcessingException {
    return WRITER.writeValueAsBytes(value);
  }

  private static final class InstantText extends JsonSerializer<Instant> {
    @Override
    public void serialize(Instant value, JsonGenerator out, SerializerProvider provider) throws IOException {
      out.writeString(MILLIS.format(value));
    }
  }

  @SuppressWarnings("rawtypes")
  private static final class OptionalValue extends JsonSerializer<Optional> {
    @Override
    public void serialize(Optional value, JsonGenerator out, SerializerProvider provider) throws IOException {
      provider.defaultSerializeValue(value.orElse(null), out);
    }
  }
}
