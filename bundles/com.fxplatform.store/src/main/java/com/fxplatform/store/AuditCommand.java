package com.fxplatform.store;

import com.fxplatform.api.Refusal;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code fx audit verify}: whether anybody edited, removed or moved a record of the audit trail. */
@Component(service = Function.class, property = "fx.command=audit")
public final class AuditCommand implements Function<Map<String, Object>, Integer> {
  private static final String HELP =
      """
      fx audit verify: reads the whole audit trail and says whether a record was changed, removed or moved.

        Ends with 0 if the chain is whole, with 1 if it is not, with 2 if the database cannot be read. The embedded
        database has one user at a time: stop the server first (`fx stop server`). With PostgreSQL give DATABASE_URL.
      """;

  private final Database database;

  @Activate
  public AuditCommand(@Reference Database database) {
    this.database = database;
  }

  @Override
  public Integer apply(Map<String, Object> call) {
    PrintStream out = (PrintStream) call.get("out");
    PrintStream err = (PrintStream) call.get("err");
    if (!(call.get("args") instanceof List<?> arguments) || !arguments.equals(List.of("verify"))) {
      boolean asked = call.get("args") instanceof List<?> given && (given.contains("--help") || given.contains("-h"));
      (asked ? out : err).print(HELP);
      return asked ? 0 : 2;
    }
    try {
      AuditChain.Verdict verdict = new AuditChain(database).verify();
      if (verdict.wrong().isPresent()) {
        err.println("The audit trail was tampered with: " + verdict.wrong().get() + ".");
        return 1;
      }
      out.println("The audit trail is whole: " + verdict.records() + " records, the last is number " + verdict.last() + ".");
      return 0;
    } catch (Refusal away) {
      err.println("The database cannot be read. If the server runs on the embedded database, stop it first: `fx stop server`.");
      return 2;
    } catch (IllegalStateException wrong) {
      err.println("The audit trail cannot be verified: " + wrong.getMessage() + ".");
      return 1;
    }
  }
}
