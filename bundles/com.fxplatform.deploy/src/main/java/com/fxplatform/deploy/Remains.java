package com.fxplatform.deploy;

import java.lang.reflect.Field;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of what Felix 7.0.5 keeps of a bundle that is gone: a count for each service it ever used, and through it the bundle with
 * its manifest and archive, about 15 kB for each renewal until the next start. There is no public way.
 */
final class Remains {
  private static final Logger LOG = LoggerFactory.getLogger(Remains.class);

  private Remains() {}

  /**
   * Forgets an uninstalled bundle; without effect where the framework looks different inside.
   *
   * @param system the system bundle
   */
  static void of(Bundle gone, Bundle system) {
    try {
      Object registry = value(system, "m_registry");
      if (gone.getState() == Bundle.UNINSTALLED && value(registry, "m_inUseMap") instanceof Map<?, ?> counts) {
        counts.remove(gone);
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
