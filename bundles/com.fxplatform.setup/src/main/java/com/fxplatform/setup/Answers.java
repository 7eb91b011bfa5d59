package com.fxplatform.setup;

import com.fxplatform.api.executor.PlatformUrl;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the command line says, and what a person may have meant. */
final class Answers {
  private static final Pattern KEY = Pattern.compile("exe_[0-9a-fA-F]{32}");
  private static final Pattern SECRET = Pattern.compile("[0-9a-fA-F]{64}");

  Optional<String> url = Optional.empty();
  Optional<String> key = Optional.empty();
  boolean secretFromInput;
  boolean help;

  static Answers of(List<String> args) throws Stop {
    Answers answers = new Answers();
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      int equals = arg.startsWith("--") ? arg.indexOf('=') : -1;
      String name = equals < 0 ? arg : arg.substring(0, equals);
      switch (name) {
        case "--help", "-h" -> answers.help = true;
        case "--api-secret-stdin" -> answers.secretFromInput = true;
        case "--platform-url", "--api-key", "--data" -> {
          if (equals < 0 && i + 1 >= args.size()) {
            throw new Stop(name + " needs a value; see fx setup --help.");
          }
          String value = equals < 0 ? args.get(++i) : arg.substring(equals + 1);
          if (name.equals("--platform-url")) {
            answers.url = Optional.of(value);
          } else if (name.equals("--api-key")) {
            answers.key = Optional.of(value);
          }
        }
        case "--api-secret" ->
            throw new Stop("A secret on the command line can be read by others: leave it out, or use --api-secret-stdin.");
        default -> throw Stop.misuse("fx setup does not know " + name + "; see fx setup --help.");
      }
    }
    return answers;
  }

  static PlatformUrl url(String typed) throws Stop {
    try {
      return PlatformUrl.parse(clean(typed));
    } catch (IllegalArgumentException no) {
      throw new Stop(no.getMessage());
    }
  }

  static String key(String typed) throws Stop {
    String key = clean(typed);
    if (SECRET.matcher(key).matches()) {
      throw new Stop("That looks like the API secret: the API key begins with exe_.");
    }
    if (!KEY.matcher(key).matches()) {
      throw new Stop("That is no API key: it is exe_ and 32 characters from 0-9 and a-f, as the platform shows it.");
    }
    return key;
  }

  /** Trims in place; the array given is cleared. */
  static char[] secret(char[] typed) throws Stop {
    int from = 0;
    int to = typed.length;
    while (from < to && (Character.isWhitespace(typed[from]) || typed[from] == '\uFEFF')) {
      from++;
    }
    while (to > from && Character.isWhitespace(typed[to - 1])) {
      to--;
    }
    char[] secret = Arrays.copyOfRange(typed, from, to);
    Arrays.fill(typed, '\0');
    String problem = "";
    if (secret.length == 0) {
      problem = "The API secret is empty: paste the 64 characters that the platform showed when the executor was created.";
    } else if (secret.length > 1024) {
      problem = "That is too long for an API secret.";
    } else if (secret.length > 4 && secret[0] == 'e' && secret[1] == 'x' && secret[2] == 'e' && secret[3] == '_') {
      problem = "That looks like the API key: the API secret is the longer one, without exe_.";
    }
    for (char c : secret) {
      if (c <= ' ' || c > '~') {
        problem = "The API secret has characters that no secret has: paste it again.";
      }
    }
    if (!problem.isEmpty()) {
      Arrays.fill(secret, '\0');
      throw new Stop(problem);
    }
    return secret;
  }

  /** Copied text comes with blanks and quotes. */
  private static String clean(String typed) {
    String text = typed.strip();
    boolean quoted = text.length() > 1 && (text.startsWith("\"") && text.endsWith("\"") || text.startsWith("'") && text.endsWith("'"));
    return quoted ? text.substring(1, text.length() - 1).strip() : text;
  }
}
