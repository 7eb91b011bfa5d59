package com.fxplatform.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReferencePageTest {
  private final ReferencePage page = new ReferencePage("<ul><!--contents--></ul><!--body-->");

  @Test
  void headingsHaveAddressesAndChaptersAreListed() {
    String html = page.of("# Title\n## A & `b`\n### Detail\n## A & b\n");
    assertTrue(html.startsWith("<ul><li><a href=\"#a-b\">A &amp; b</a></li>\n<li><a href=\"#a-b-2\">A &amp; b</a></li>\n</ul>"), html);
    assertTrue(html.contains("<h3 id=\"detail\">Detail</h3>"), html);
  }

  @Test
  void tablesAreTablesAndMarkupIsText() {
    String html = page.of("| a | b |\n|---|---|\n| 1 | <script>x</script> |\n\n[l](javascript:alert(1))\n");
    assertTrue(html.contains("<td>1</td>"), html);
    assertFalse(html.contains("<script>") || html.contains("javascript:"), html);
  }

  @Test
  void theReferenceRendersWhole() throws Exception {
    String html = page.of(Files.readString(Path.of("../../distribution/docs/EXECUTOR_API_DOCUMENTATION.md")));
    assertTrue(html.contains("/api/executor/config"));
    assertEquals(html.split("<table>", -1).length, html.split("</table>", -1).length);
    assertFalse(html.contains("<p>|"), "a table was not understood");
  }
}
