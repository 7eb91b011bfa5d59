import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;

/** Says how many tests the framework ran; fails when there was none, too few, or one that failed. */
final class CountedTests {
  /** @param args the folder of the reports and the number of tests that must have run */
  public static void main(String[] args) throws Exception {
    List<Path> reports = List.of();
    if (Files.isDirectory(Path.of(args[0]))) {
      try (Stream<Path> files = Files.walk(Path.of(args[0]))) {
        reports = files.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml")).toList();
      }
    }
    int expected = Integer.parseInt(args[1]);
    int ran = 0;
    int failed = 0;
    for (Path report : reports) {
      Element suite = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(report.toFile()).getDocumentElement();
      ran += number(suite, "tests") - number(suite, "skipped");
      failed += number(suite, "failures") + number(suite, "errors");
    }
    System.out.println("In the framework: " + (ran - failed) + " passed, " + failed + " failed");
    if (failed > 0) {
      stop(failed + " tests failed; " + args[0] + " says which and why.");
    }
    if (ran < expected) {
      stop(ran + " tests ran, " + expected + " were expected: the tester did not find them, or the framework did not come up.");
    }
  }

  private static int number(Element suite, String attribute) {
    return suite.hasAttribute(attribute) ? Integer.parseInt(suite.getAttribute(attribute)) : 0;
  }

  private static void stop(String sentence) {
    System.err.println(sentence);
    System.exit(1);
  }
}
