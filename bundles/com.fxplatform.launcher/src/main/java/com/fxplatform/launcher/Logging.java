package com.fxplatform.launcher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.util.FileSize;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where log lines go, said in code because parsing an XML file costs a tenth of the whole start. */
public final class Logging extends ContextAwareBase implements Configurator {
  private static volatile Path file;
  private static volatile boolean console;
  private static volatile Level level = Level.INFO;

  /** Says where to log; must come before the first logger is made. */
  static void to(Path logFile, boolean alsoConsole, String wanted) {
    Level parsed = Level.toLevel(wanted, null);
    if (parsed == null) {
      throw new Trouble("fx.log.level=" + wanted + " is no level; take ERROR, WARN, INFO, DEBUG or TRACE.");
    }
    file = logFile;
    console = alsoConsole;
    level = parsed;
    LogManager.getLogManager().reset();
    java.util.logging.Logger jul = java.util.logging.Logger.getLogger("");
    jul.setLevel(java.util.logging.Level.WARNING);
    jul.addHandler(new Bridge());
  }

  /** Writes out what is still buffered. */
  static void close() {
    if (file != null && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.stop();
    }
  }

  /** Called by Logback, which finds this class in META-INF/services. */
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(level);
    // below WARN they speak of their insides only
    for (String chatty : new String[] {"org.apache.felix", "org.eclipse.jetty", "com.zaxxer.hikari", "org.osgi"}) {
      if (level.isGreaterOrEqual(Level.DEBUG)) {
        context.getLogger(chatty).setLevel(Level.WARN);
      }
    }
    // at WARN it regrets at each start that no port is open before the configuration is there, which is what we want
    context.getLogger("org.apache.felix.http").setLevel(Level.ERROR);
    if (file != null) {
      root.addAppender(file(context));
    }
    if (console || file == null) {
      ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
      stderr.setTarget("System.err");
      root.addAppender(started(stderr, context));
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static Appender<ILoggingEvent> file(LoggerContext context) {
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(context);
    appender.setFile(file.toString());
    FixedWindowRollingPolicy window = new FixedWindowRollingPolicy();
    window.setContext(context);
    window.setParent(appender);
    window.setFileNamePattern(file + ".%i");
    window.setMinIndex(1);
    window.setMaxIndex(5);
    window.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
    size.setContext(context);
    size.setMaxFileSize(FileSize.valueOf("10MB"));
    size.start();
    appender.setRollingPolicy(window);
    appender.setTriggeringPolicy(size);
    return started(appender, context);
  }

  private static Appender<ILoggingEvent> started(OutputStreamAppender<ILoggingEvent> appender, LoggerContext context) {
    LineLayout layout = new LineLayout();
    layout.setContext(context);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setLayout(layout);
    encoder.start();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }

  /** The JDK's own logging, from WARNING. */
  private static final class Bridge extends Handler {
    @Override
    public void publish(LogRecord entry) {
      Logger logger = LoggerFactory.getLogger(entry.getLoggerName() == null ? "java.util.logging" : entry.getLoggerName());
      if (entry.getLevel().intValue() >= java.util.logging.Level.SEVERE.intValue()) {
        logger.error(entry.getMessage(), entry.getThrown());
      } else {
        logger.warn(entry.getMessage(), entry.getThrown());
      }
    }

    @Override
    public void flush() {
      // Logback writes each line at once
    }

    @Override
    public void close() {
      // nothing is held
    }
  }
}
