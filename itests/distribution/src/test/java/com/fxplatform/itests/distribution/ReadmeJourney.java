package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the README says is done: its commands run, its class compiles, its links lead somewhere. */
@Timeout(120)
class ReadmeJourney {
  private static final Path REPOSITORY = Path.of(System.getProperty("fx.repository"));
  /** These are what {@code .ci/run} itself consists of. */
  private static final List<String> OF_CI =
      List.of("./distribution/quickstart", "mvn -B verify", "mvn -B verify -Pslow -DskipTests");

  @TempDir Path temp;

  private static String readme() throws Exception {
    return Files.readString(REPOSITORY.resolve("README.md"));
  }

  private static List<String> blocks(String language) throws Exception {
    Matcher matcher = Pattern.compile("```" + language + "\\n(.*?)```", Pattern.DOTALL).matcher(readme());
    List<String> blocks = new ArrayList<>();
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    return blocks;
  }

  @Test
  void itsCommandsRun() throws Exception {
    List<String> commands = blocks("sh").stream().flatMap(String::lines).filter(line -> !line.isBlank()).toList();
    assertTrue(commands.containsAll(OF_CI), "the README names the two commands: " + commands);
    String ci = Files.readString(REPOSITORY.resolve(".ci/run"));
    for (String command : OF_CI) {
      assertTrue(ci.contains(command), ".ci/run calls " + command);
    }
    for (String command : commands) {
      if (OF_CI.contains(command)) {
        continue;
      }
      List<String> words = new ArrayList<>(List.of(command.split(" ")));
      words.addAll(List.of("--data", temp.toString()));
      Process process = new ProcessBuilder(words).directory(REPOSITORY.toFile()).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue(), command + "\n" + said);
    }
  }

  @Test
  void itsPluginCompiles() throws Exception {
    String source = """
        import com.fxplatform.api.executor.Executor;
        import com.fxplatform.api.provisioning.ConfigPlugin;
        import java.util.Map;
        import org.osgi.service.component.annotations.Component;

        """ + blocks("java").get(0);
    String jars;
    try (Stream<Path> bundles = Files.list(Path.of(System.getProperty("fx.tree")).resolve("bundles"))) {
      jars = bundles.map(Path::toString).filter(jar -> jar.contains("com.fxplatform.api-")).collect(Collectors.joining());
    }
    assertFalse(jars.isEmpty());
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///AcmeRisk.java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return source;
      }
    };
    StringWriter out = new StringWriter();
    String classPath = jars + java.io.File.pathSeparator + System.getProperty("java.class.path");
    assertTrue(compiler.getTask(out, null, null, List.of("-cp", classPath, "-d", temp.toString(), "-proc:none"), null, List.of(file)).call(),
        out.toString());
  }

  @Test
  void itsLinksLeadSomewhere() throws Exception {
    Matcher link = Pattern.compile("\\]\\(([^)#:]+)\\)").matcher(readme());
    int links = 0;
    while (link.find()) {
      assertTrue(Files.exists(REPOSITORY.resolve(link.group(1))), link.group(1));
      links++;
    }
    assertTrue(links > 10);
  }
}
