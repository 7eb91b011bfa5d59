package com.fxplatform.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MisuseTest {
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      start | fx start: Missing required parameter: 'RUNTIME'; `fx start --help` tells which there are.
      start server --bogus | fx start: Unknown option: '--bogus'; `fx start --help` tells which there are.
      stop a b | fx stop: Unmatched argument at index 2: 'b'; `fx stop --help` tells which there are.
      start server --data | fx: --data wants a folder.
      """)
  void isOneSentenceAndTwo(String typed, String sentence) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = new Main(InputStream.nullInputStream(), stream(out), stream(err), Map.of()).run(typed.split(" "));
    assertEquals(sentence, err.toString(StandardCharsets.UTF_8).strip().replace('"', '\''));
    assertTrue(out.toString(StandardCharsets.UTF_8).isEmpty(), "nothing was asked for");
    assertEquals(2, code);
  }

  private static PrintStream stream(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }
}
