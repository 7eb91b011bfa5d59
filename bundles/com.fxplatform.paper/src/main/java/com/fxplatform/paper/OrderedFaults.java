package com.fxplatform.paper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Faults as a tester orders them, comma-separated: {@code name[:value][@probability][#nth]}. The same seed and the same
 * requests meet the same faults. The order can change at any time.
 *
 * <p>{@code delay:ms} before executing, {@code late:ms} between executing and answering, {@code freeze} takes no request,
 * {@code drop} breaks the connection instead of answering, {@code wedge} never answers and never takes a request again,
 * {@code crash} ends this process between executing and answering, {@code crash-before} before executing,
 * {@code garbage} instead of the answer, {@code duplicate} the answer twice (protocol 2), {@code reject:retcode} refuses trades.
 */
final class OrderedFaults implements Faults {
  private static final Logger LOG = LoggerFactory.getLogger(OrderedFaults.class);
  private static final Pattern ORDER =
      Pattern.compile("([a-z-]+)(?::(\\d{1,6}))?(?:@(0?\\.\\d+|[01](?:\\.0*)?))?(?:#(\\d{1,9}))?");
  private static final Pattern COMMAND = Pattern.compile("\"(?:command|cmd)\":\"([A-Z_]+)\"");
  private static final Set<String> NAMES =
      Set.of("delay", "late", "freeze", "drop", "wedge", "crash", "crash-before", "garbage", "duplicate", "reject");
  private static final Set<String> VALUED = Set.of("delay", "late", "reject");
  private static final int KILLED = 137;

  /** What happens, how, how likely, and to which request (0 for any). */
  private record Fault(String name, int value, double probability, long nth) {}

  /** An order as given, and what it means; {@code problem} instead if it means nothing. */
  private record Order(String text, String commands, long seed, List<Fault> faults, Set<String> only, Optional<String> problem) {}

  private final Runnable death;
  private Order order = new Order("", "", 0, List.of(), Set.of(), Optional.empty());
  private Random random = new Random(0);
  private long requests;

  /** @param death how this process ends */
  OrderedFaults(Runnable death) {
    this.death = death;
  }

  OrderedFaults() {
    // no shutdown hook, no flush: as a kill -9 would
    this(() -> Runtime.getRuntime().halt(KILLED));
  }

  /** @param commands only these commands meet faults, comma-separated; empty for all */
  synchronized void order(String text, String commands, long seed) {
    if (text.equals(order.text) && commands.equals(order.commands) && seed == order.seed) {
      return;
    }
    List<Fault> faults = new ArrayList<>();
    Optional<String> problem = Optional.empty();
    for (String each : words(text).toList()) {
      Matcher parts = ORDER.matcher(each.toLowerCase(Locale.ROOT));
      if (!parts.matches() || !NAMES.contains(parts.group(1)) || VALUED.contains(parts.group(1)) != (parts.group(2) != null)) {
        problem =
            Optional.of(
                "The paper terminal does not know the fault " + each.replaceAll("[^A-Za-z0-9.:@#_-]", "?")
                    + ": write name[:value][@probability][#nth] with one of " + NAMES.stream().sorted().toList()
                    + " into faults in com.fxplatform.paper.");
        break;
      }
      faults.add(
          new Fault(
              parts.group(1),
              parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2)),
              parts.group(3) == null ? 1 : Double.parseDouble(parts.group(3)),
              parts.group(4) == null ? 0 : Long.parseLong(parts.group(4))));
    }
    order =
        new Order(
            text, commands, seed, problem.isPresent() ? List.of() : List.copyOf(faults),
            words(commands).map(each -> each.toUpperCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet()), problem);
    random = new Random(seed);
    requests = 0;
    if (problem.isPresent()) {
      LOG.error("The ordered faults cannot be read, so there are none. why=\"{}\"", problem.get());
    } else if (!faults.isEmpty()) {
      LOG.warn("The paper terminal misbehaves as ordered. faults={} commands={} seed={}", text, commands.isEmpty() ? "all" : commands, seed);
    }
  }

  private static Stream<String> words(String text) {
    return Stream.of(text.split("[,\\s]+")).filter(each -> !each.isEmpty());
  }

  /** Why there are no faults although some were ordered. */
  synchronized Optional<String> problem() {
    return order.problem;
  }

  private synchronized Optional<Fault> meets(String name, String request) {
    for (Fault each : order.faults) {
      if (each.name.equals(name) && (each.nth == 0 || each.nth == requests) && concerns(request)
          && (each.probability >= 1 || random.nextDouble() < each.probability)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  private boolean concerns(String request) {
    if (order.only.isEmpty() || request == null) {
      return true;
    }
    Matcher command = COMMAND.matcher(request);
    return command.find() && order.only.contains(command.group(1));
  }

  @Override
  public synchronized boolean polls() {
    return order.faults.stream().noneMatch(each -> each.name.equals("freeze"));
  }

  @Override
  public void received(String request) {
    synchronized (this) {
      requests += concerns(request) ? 1 : 0;
    }
    if (meets("crash-before", request).isPresent()) {
      death.run();
    }
  }

  @Override
  public Duration before(String request) {
    return meets("delay", request).map(each -> Duration.ofMillis(each.value)).orElse(Duration.ZERO);
  }

  @Override
  public Duration after(String request) {
    return meets("late", request).map(each -> Duration.ofMillis(each.value)).orElse(Duration.ZERO);
  }

  @Override
  public Optional<String> answer(String request, String reply) {
    if (meets("crash", request).isPresent()) {
      death.run();
    }
    if (meets("wedge", request).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(meets("garbage", request).isPresent() ? garbage(reply) : reply);
  }

  private synchronized String garbage(String reply) {
    return switch (random.nextInt(5)) {
      case 0 -> "";
      case 1 -> reply.substring(0, reply.length() / 2);
      case 2 -> "\u0000\u0001 no json \ufffd";
      case 3 -> "[" + reply + "]";
      default -> "x".repeat(100_000);
    };
  }

  @Override
  public boolean hangsUp(String request) {
    return meets("drop", request).isPresent();
  }

  @Override
  public boolean repeats(String request) {
    return meets("duplicate", request).isPresent();
  }

  @Override
  public int retcode() {
    return meets("reject", null).map(Fault::value).orElse(Broker.DONE);
  }
}
