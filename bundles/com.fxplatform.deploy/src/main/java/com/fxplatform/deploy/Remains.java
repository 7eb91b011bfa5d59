package com.fxplatform.deploy;

import java.lang.reflect.Field;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of what Felix keeps of a bundle that is gone until the next start. The framework (7.0.5): a count for each service it ever
 * used, and through it the bundle with its manifest and archive, about 15 kB. SCR (2.2.18): who could not have a service of it because
 * its activation threw, and through him his class loader, when he is long gone himself. There is no public way.
 */
final class Remains {
  private static final Logger LOG = LoggerFactory.getLogger(Remains.class);

  private Remains() {}

  /**
   * Forgets an uninstalled bundle; without effect where the framework looks different inside.
   *
   * @param system the system bundle
   * @param runtime SCR's
   */
  static void of(Bundle gone, Bundle system, ServiceComponentRuntime runtime) {
    try {
      Object registry = value(system, "m_registry");
      if (gone.getState() == Bundle.UNINSTALLED && value(registry, "m_inUseMap") instanceof Map<?, ?> counts) {
        counts.remove(gone);
      }
      Object components = value(runtime, "componentRegistry");
      if (value(components, "m_missingDependencies") instanceof Map<?, ?> missing) {
        // its own lock
        synchronized (components) {
          missing.keySet().removeIf(service -> service instanceof ServiceReference<?> reference && reference.getBundle() == null);
        }
      }
    } catch (ReflectiveOperationException | RuntimeException another) {
      LOG.debug("The framework keeps its books in another way. bundle={}", gone, another);
    }
  }

  private static Object value(Object of, String name) throws ReflectiveOperationException {
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }
}
