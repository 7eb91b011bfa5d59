package com.fxplatform.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Becomes the only class of a bundle that carries the command {@code echo}. */
public final class EchoActivator implements BundleActivator {
  @Override
  public void start(BundleContext context) {
    Function<Map<String, Object>, Object> echo = EchoActivator::echo;
    context.registerService(Function.class, echo, new Hashtable<>(Map.of("fx.command", "echo")));
  }

  private static Object echo(Map<String, Object> call) {
    List<?> args = (List<?>) call.get("args");
    if (args.contains("--fail")) {
      throw new IllegalStateException("as told");
    }
    try {
      String in = new String(((InputStream) call.get("in")).readAllBytes());
      ((PrintStream) call.get("out")).println(args + " " + in + " " + ((Map<?, ?>) call.get("settings")).get("fx.greeting") + " "
          + call.get("instance"));
      return 7;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop(BundleContext context) {
    // the framework takes the service back
  }
}
