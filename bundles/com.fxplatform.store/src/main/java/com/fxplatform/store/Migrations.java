package com.fxplatform.store;

import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;

/** The schema's steps, oldest first. Listed, not scanned for: scanning a bundle costs time and knows no OSGi. */
final class Migrations implements ResourceProvider {
  static final List<String> STEPS = List.of("V1__executors_users_commands.sql", "V2__secret_rotation.sql", "V3__audit.sql",
      "V4__commands_of_a_user.sql", "V5__heartbeats_touch_no_index.sql");

  @Override
  public LoadableResource getResource(String name) {
    return STEPS.contains(name) ? new Step(name) : null;
  }

  @Override
  public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
    List<LoadableResource> found = new ArrayList<>();
    for (String step : STEPS) {
      if (step.startsWith(prefix)) {
        for (String suffix : suffixes) {
          if (step.endsWith(suffix)) {
            found.add(new Step(step));
          }
        }
      }
    }
    return found;
  }

  private static final class Step extends LoadableResource {
    private final String name;

    Step(String name) {
      this.name = name;
    }

    @Override
    public Reader read() {
      InputStream in = Migrations.class.getResourceAsStream("migrations/" + name);
      if (in == null) {
        throw new IllegalStateException("The migration " + name + " is missing from the bundle");
      }
      return new InputStreamReader(in, StandardCharsets.UTF_8);
    }

    @Override
    public String getAbsolutePath() {
      return name;
    }

    @Override
    public String getAbsolutePathOnDisk() {
      return name;
    }

    @Override
    public String getFilename() {
      return name;
    }

    @Override
    public String getRelativePath() {
      return name;
    }
  }
}
