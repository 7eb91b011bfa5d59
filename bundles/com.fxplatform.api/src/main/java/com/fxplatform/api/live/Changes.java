package com.fxplatform.api.live;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Tells inside this process that something has changed of which somebody may keep a copy. A topic is one in the whole house:
 * while a room's newcomer stands beside its incumbent, each hears what the other changes.
 *
 * <p>Thread-safe, no lock is held while listeners run. Listeners run on the thread that tells, and return at once.
 */
@ProviderType
public final class Changes {
  private static final ConcurrentMap<String, Changes> ALL = new ConcurrentHashMap<>();

  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

  private Changes() {}

  /** The changes of a topic, for example {@code executors}; topics are few and named in code. */
  public static Changes of(String topic) {
    return ALL.computeIfAbsent(topic, t -> new Changes());
  }

  /** Says that {@code id} changed: after the change can be read by others. */
  public void tell(String id) {
    listeners.forEach(listener -> listener.accept(id));
  }

  /** From now on hears what changes; whoever begins ends it before it leaves, or its class loader stays. */
  public void listen(Consumer<String> listener) {
    listeners.add(listener);
  }

  /** Hears no more; a listener that is not there is no error. */
  public void leave(Consumer<String> listener) {
    listeners.remove(listener);
  }
}
