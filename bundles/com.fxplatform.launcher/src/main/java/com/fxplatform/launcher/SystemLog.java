package com.fxplatform.launcher;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogService;
import org.osgi.service.log.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What the framework, SCR and Config Admin have to say, brought to the one log. Without it SCR prints the failures of
 * components to standard output.
 */
final class SystemLog implements LogService {
  /** Told about each failure that is logged for a bundle. */
  interface Failures {
    void failed(Bundle bundle, String message, Throwable thrown);
  }

  /** The framework's own voice. */
  static final class OfFramework extends org.apache.felix.framework.Logger {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger("org.apache.felix.framework");

    @Override
    protected void doLog(Bundle bundle, ServiceReference reference, int level, String message, Throwable thrown) {
      SystemLog.at(LOG, level, bundle == null ? message : message + " bundle=" + bundle.getSymbolicName(), thrown);
    }

    @Override
    protected void doLog(int level, String message, Throwable thrown) {
      SystemLog.at(LOG, level, message, thrown);
    }
  }

  private static void at(org.slf4j.Logger log, int level, String message, Throwable thrown) {
    Level known = switch (level) {
      case 1 -> Level.ERROR;
      case 2 -> Level.WARN;
      case 3 -> Level.INFO;
      default -> Level.DEBUG;
    };
    log.atLevel(known).setCause(thrown).log(message);
  }

  private final org.slf4j.Logger plain = LoggerFactory.getLogger("org.osgi.service.log");
  private volatile Failures failures = (bundle, message, thrown) -> { };

  void tell(Failures to) {
    failures = to;
  }

  @Override
  public <L extends Logger> L getLogger(Bundle bundle, String name, Class<L> type) {
    // a bundle's nameless logger is called ROOT, which is nobody's name
    String known = bundle != null && name.equals(org.slf4j.Logger.ROOT_LOGGER_NAME) ? bundle.getSymbolicName() : name;
    Voice voice = new Voice(LoggerFactory.getLogger(known), (message, thrown) -> failures.failed(bundle, message, thrown));
    return type.cast(Proxy.newProxyInstance(SystemLog.class.getClassLoader(), new Class<?>[] {type}, voice));
  }

  @Override
  public <L extends Logger> L getLogger(String name, Class<L> type) {
    return getLogger(null, name, type);
  }

  @Override
  public Logger getLogger(String name) {
    return getLogger(name, Logger.class);
  }

  @Override
  public Logger getLogger(Class<?> owner) {
    return getLogger(owner.getName());
  }

  @Override
  public <L extends Logger> L getLogger(Class<?> owner, Class<L> type) {
    return getLogger(owner.getName(), type);
  }

  @Override
  @Deprecated
  public void log(int level, String message) {
    at(plain, level, message, null);
  }

  @Override
  @Deprecated
  public void log(int level, String message, Throwable exception) {
    at(plain, level, message, exception);
  }

  @Override
  @Deprecated
  public void log(ServiceReference<?> reference, int level, String message) {
    at(plain, level, message, null);
  }

  @Override
  @Deprecated
  public void log(ServiceReference<?> reference, int level, String message, Throwable exception) {
    at(plain, level, message, exception);
  }

  /** One logger of the OSGi kind; its thirty methods differ in level and number of arguments only. */
  private record Voice(org.slf4j.Logger log, BiConsumer<String, Throwable> failures) implements InvocationHandler {
    @Override
    public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
      String name = method.getName();
      if (name.equals("getName")) {
        return log.getName();
      }
      if (name.startsWith("is") && name.endsWith("Enabled")) {
        return log.isEnabledForLevel(level(name.substring(2, name.length() - "Enabled".length())));
      }
      if (method.getDeclaringClass() == Object.class) {
        return switch (name) {
          case "equals" -> proxy == args[0];
          case "hashCode" -> log.hashCode();
          default -> "Logger " + log.getName();
        };
      }
      Level level = level(name);
      if (level == Level.ERROR && args[0] instanceof String message) {
        failures.accept(message, thrown(args));
      }
      if (log.isEnabledForLevel(level) && args[0] instanceof String message) {
        if (args.length == 2 && args[1] instanceof Object[] many) {
          log.atLevel(level).log(message, many);
        } else if (args.length == 3) {
          log.atLevel(level).log(message, args[1], args[2]);
        } else if (args.length == 2 && args[1] instanceof Throwable thrown) {
          log.atLevel(level).setCause(thrown).log(message);
        } else if (args.length == 2) {
          log.atLevel(level).log(message, args[1]);
        } else {
          log.atLevel(level).log(message);
        }
      }
      return null;
    }

    private static Throwable thrown(Object... args) {
      Object last = args[args.length - 1];
      if (last instanceof Object[] many && many.length > 0) {
        last = many[many.length - 1];
      }
      return last instanceof Throwable thrown ? thrown : null;
    }

    private static Level level(String name) {
      LogLevel level = LogLevel.valueOf(name.toUpperCase(Locale.ROOT));
      return level == LogLevel.AUDIT ? Level.INFO : Level.valueOf(level.name());
    }
  }
}
