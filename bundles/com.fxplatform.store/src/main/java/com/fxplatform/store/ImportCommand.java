package com.fxplatform.store;

import com.fxplatform.api.Refusal;
import com.fxplatform.api.auth.PasswordCheck;
import com.fxplatform.api.live.Roster;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** {@code fx import}: users, executors and pending commands of the predecessor's database. */
@Component(service = Function.class, property = "fx.command=import", configurationPid = "com.fxplatform.store.import")
@Designate(ocd = ImportCommand.Config.class)
public final class ImportCommand implements Function<Map<String, Object>, Integer> {
  @ObjectClassDefinition(name = "FX Platform store: import")
  @interface Config {
    @AttributeDefinition(description = "Address of the predecessor's database (FX_IMPORT_FROM), if the command does not say it")
    String _from() default "";
  }

  private static final String HELP =
      """
      fx import [--from <address>] [--dry-run]: takes users, executors and pending commands over from the predecessor's
      PostgreSQL database, with their ids, keys and bcrypt hashes: nobody needs a new password or a new secret.

        --from <address>   postgres://user@host:port/database; what other users of this machine may see as long as it runs,
                           so if it holds a password, say it in the environment variable FX_IMPORT_FROM instead
        --dry-run          only says what would be done

        The predecessor's database is only read. What is here already stays as it is, so the command may be run again.
        It writes to the embedded database, which has one user at a time: stop the server first (`fx stop server`); or to
        the PostgreSQL that DATABASE_URL names. Give FX_MASTER_KEY if the server has one. Skipped rows are named with the
        reason. Ends with 0 if it went through, with 1 if it did not, with 2 if a database cannot be reached.
      """;
  private static final int PATIENCE_SECONDS = 30;

  private final Roster<PasswordCheck> passwords = new Roster<>(Duration.ofSeconds(5));
  private final Database database;
  private volatile String configured;

  @Activate
  public ImportCommand(@Reference Database database, Config config) {
    this.database = database;
    configure(config);
  }

  @Modified
  void configure(Config config) {
    configured = config._from() == null || config._from().startsWith("$[") ? "" : config._from().trim();
  }

  @Reference(cardinality = ReferenceCardinality.AT_LEAST_ONE, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
  void bindPasswords(PasswordCheck service, Map<String, ?> properties) {
    passwords.bind(service, properties);
  }

  void unbindPasswords(PasswordCheck service) {
    passwords.unbind(service);
  }

  @Override
  public Integer apply(Map<String, Object> call) {
    PrintStream out = (PrintStream) call.get("out");
    PrintStream err = (PrintStream) call.get("err");
    List<String> arguments = call.get("args") instanceof List<?> given ? given.stream().map(Object::toString).toList() : List.of();
    if (arguments.contains("--help") || arguments.contains("-h")) {
      out.print(HELP);
      return 0;
    }
    String from = configured;
    boolean rehearsal = false;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.equals("--dry-run")) {
        rehearsal = true;
      } else if (argument.equals("--from") && i + 1 < arguments.size()) {
        from = arguments.get(++i);
      } else if (argument.startsWith("--from=")) {
        from = argument.substring("--from=".length());
      } else {
        // not repeated: it may hold a password
        err.println("fx import does not know one of its arguments; `fx import --help` tells which there are.");
        return 2;
      }
    }
    if (from.isBlank()) {
      err.println("Where from? Give --from postgres://user@host/database, or set FX_IMPORT_FROM; `fx import --help` tells more.");
      return 2;
    }
    return run(from, rehearsal, out, err);
  }

  private int run(String from, boolean rehearsal, PrintStream out, PrintStream err) {
    Target source;
    try {
      source = Target.of(from, Path.of("."));
    } catch (IllegalArgumentException wrong) {
      source = null;
    }
    if (source == null || !source.postgresql()) {
      err.println("The address must begin with postgres://, postgresql:// or jdbc:postgresql: and be well formed.");
      return 2;
    }
    try {
      open();
    } catch (Refusal away) {
      err.println("This platform's own database cannot be opened. If the server runs on the embedded database, stop it first: `fx stop server`.");
      return 2;
    }
    try (Predecessor predecessor = new Predecessor(source)) {
      List<String> report = new Import(database,
          (password, hash) -> passwords.<Boolean>call(check -> check.matches(password, hash)), rehearsal).from(predecessor);
      if (rehearsal) {
        out.println("Nothing was written; this is what would be done:");
      }
      report.forEach(out::println);
      return 0;
    } catch (SQLException failed) {
      String state = failed.getSQLState() == null ? "" : failed.getSQLState();
      if (state.equals("42P01") || state.equals("42703")) {
        err.println("The database " + source + " does not look like the predecessor's: a table or column of it is missing there.");
        return 1;
      }
      err.println("The predecessor's database " + source + " cannot be read (" + (state.startsWith("28") ? "it refuses this user or password"
          : state.equals("3D000") ? "there is no database of this name" : "it does not answer") + ").");
      return 2;
    } catch (Refusal away) {
      err.println("This platform's own database does not answer any more: " + away.getMessage() + ". Run the command again.");
      return 2;
    }
  }

  /** The first opening makes the schema, which may take longer than a request would wait. */
  private void open() {
    long deadline = System.nanoTime() + Duration.ofSeconds(PATIENCE_SECONDS).toNanos();
    while (true) {
      try {
        database.seal();
        return;
      } catch (Refusal notYet) {
        if (System.nanoTime() > deadline) {
          throw notYet;
        }
      }
    }
  }
}
