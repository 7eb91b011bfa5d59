package com.fxplatform.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.Result.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.framework.dto.BundleDTO;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

class HealthTest {
  private final List<Bundle> bundles = new ArrayList<>();
  private final Map<ComponentDescriptionDTO, ComponentConfigurationDTO> components = new java.util.LinkedHashMap<>();
  private final Health health = new Health(fake(BundleContext.class, "getBundles", () -> bundles.toArray(new Bundle[0])), runtime());

  @AfterEach
  void close() {
    health.close();
  }

  @SuppressWarnings("unchecked")
  private static <T> T fake(Class<T> type, String method, java.util.function.Supplier<Object> answer) {
    return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
        (proxy, called, args) -> called.getName().equals(method) ? answer.get() : null);
  }

  private ServiceComponentRuntime runtime() {
    return (ServiceComponentRuntime) Proxy.newProxyInstance(HealthTest.class.getClassLoader(),
        new Class<?>[] {ServiceComponentRuntime.class}, (proxy, called, args) -> switch (called.getName()) {
          case "getComponentDescriptionDTOs" -> components.keySet();
          case "isComponentEnabled" -> true;
          case "getComponentConfigurationDTOs" -> components.get(args[0]) == null ? List.of() : List.of(components.get(args[0]));
          default -> null;
        });
  }

  private void bundle(String name, String location, int state) {
    Map<String, Object> answers = Map.of("getSymbolicName", name, "getLocation", location, "getState", state, "getBundleId", 7L,
        "getVersion", Version.parseVersion("1.0.0"), "getHeaders", new Hashtable<String, String>());
    bundles.add((Bundle) Proxy.newProxyInstance(HealthTest.class.getClassLoader(), new Class<?>[] {Bundle.class},
        (proxy, called, args) -> answers.get(called.getName())));
  }

  private ComponentConfigurationDTO component(String service, String tag, String needs, int state) {
    ComponentDescriptionDTO description = new ComponentDescriptionDTO();
    description.name = "c" + components.size();
    description.bundle = new BundleDTO();
    description.bundle.symbolicName = "room";
    description.serviceInterfaces = new String[] {service};
    description.properties = tag == null ? Map.of() : Map.of(HealthCheck.TAGS, tag);
    ReferenceDTO reference = new ReferenceDTO();
    reference.name = "ref";
    reference.interfaceName = needs;
    description.references = new ReferenceDTO[] {reference};
    ComponentConfigurationDTO configuration = new ComponentConfigurationDTO();
    configuration.state = state;
    UnsatisfiedReferenceDTO unsatisfied = new UnsatisfiedReferenceDTO();
    unsatisfied.name = "ref";
    configuration.unsatisfiedReferences = needs == null ? new UnsatisfiedReferenceDTO[0] : new UnsatisfiedReferenceDTO[] {unsatisfied};
    components.put(description, configuration);
    return configuration;
  }

  private void check(String name, String tag, HealthCheck check) {
    health.bindCheck(check, Map.of(HealthCheck.NAME, name, HealthCheck.TAGS, new String[] {tag}));
  }

  @Test
  void aHouseWithoutComplaintsLivesAndIsReady() {
    bundle("a", "reference:file:a.jar", Bundle.ACTIVE);
    check("x", "live", () -> new Result(Status.OK, "fine"));
    check("y", "ready", () -> new Result(Status.WARN, "hm"));
    Health.Picture picture = health.picture();
    assertTrue(picture.live() && picture.ready());
    assertEquals(List.of(new Health.Check("x", List.of("live"), "OK", "fine"), new Health.Check("y", List.of("ready"), "WARN", "hm")),
        picture.checks());
  }

  @Test
  void whatIsNotReadyLivesAndWhatDoesNotLiveIsNotReady() {
    check("y", "ready", () -> new Result(Status.TEMPORARILY_UNAVAILABLE, "start the terminal"));
    assertTrue(health.picture().live());
    assertFalse(health.picture().ready());
    check("x", "live", () -> new Result(Status.CRITICAL, "no database"));
    assertFalse(health.picture().live());
    assertFalse(health.picture().ready());
  }

  @Test
  void aCheckThatThrowsOrHangsIsNotWell() {
    CountDownLatch never = new CountDownLatch(1);
    check("throws", "live", () -> {
      throw new IllegalStateException("bug");
    });
    check("hangs", "other", () -> {
      try {
        never.await();
      } catch (InterruptedException given) {
        Thread.currentThread().interrupt();
      }
      return null;
    });
    Health.Picture picture = health.picture();
    assertFalse(picture.live());
    assertEquals("HEALTH_CHECK_ERROR", picture.checks().get(0).status());
    assertEquals("The check does not answer within 2 s.", picture.checks().get(1).message());
  }

  @Test
  void aBundleOfTheTreeThatDoesNotRunIsFatalAndOneOnTrialIsNot() {
    bundle("trial", "deploy:x", Bundle.INSTALLED);
    assertTrue(health.picture().live());
    bundle("room", "reference:file:a.jar", Bundle.RESOLVED);
    assertFalse(health.picture().live());
    assertEquals("RESOLVED", health.picture().rooms().get(1).state());
  }

  @Test
  void aLiveCheckThatNeverCameUpIsMissed() {
    component(HealthCheck.class.getName(), "live", "com.acme.Store", ComponentConfigurationDTO.UNSATISFIED_REFERENCE);
    assertTrue(health.picture().live(), "nobody installed here could ever offer the store: it is the other side's half");
    component("com.acme.Store", null, null, ComponentConfigurationDTO.FAILED_ACTIVATION).failure = "java.io.IOException: disk\n\tat x";
    Health.Picture picture = health.picture();
    assertFalse(picture.live());
    assertEquals(List.of("needs the service com.acme.Store, which nobody offers"), picture.missing().get(0).reasons());
    assertEquals(List.of("it fails when it is activated: java.io.IOException: disk"), picture.missing().get(1).reasons());
  }

  @Test
  void theOtherSidesHalfIsNotMissedEvenIfItsPartsWouldOfferEachOtherWhatTheyNeed() {
    component(HealthCheck.class.getName(), "live", "com.acme.Journal", ComponentConfigurationDTO.UNSATISFIED_REFERENCE);
    component("com.acme.Journal", null, "com.acme.Folder", ComponentConfigurationDTO.UNSATISFIED_REFERENCE);
    ComponentConfigurationDTO folder = component("com.acme.Folder", null, null, ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION);
    assertTrue(health.picture().live(), "the folder has no configuration here");
    folder.state = ComponentConfigurationDTO.FAILED_ACTIVATION;
    assertFalse(health.picture().live(), "it has, and fails: the journal's check is missed");
  }

  @Test
  void aComponentWithoutItsMandatoryConfigurationIsNotMissed() {
    component(HealthCheck.class.getName(), "live", null, ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION);
    assertTrue(health.picture().live());
    assertEquals(List.of(), health.picture().missing());
  }

  private String page(String path, boolean trusted, int status) {
    Page.Answer answer = new HealthPage(health).answer(new Page.Ask("GET", path, trusted));
    assertEquals(status, answer.status());
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  @Test
  void strangersLearnTwoBooleansAndTheOwnerEverything() {
    bundle("a", "reference:file:a.jar", Bundle.ACTIVE);
    check("y", "ready", () -> new Result(Status.CRITICAL, "say \"hello\""));
    assertEquals("{\"live\":true,\"ready\":false}", page("/health", false, 200));
    assertEquals("{\"live\":true,\"ready\":false}", page("/health/ready", false, 503));
    assertEquals(
        "{\"live\":true,\"ready\":false,\"checks\":[{\"name\":\"y\",\"tags\":[\"ready\"],\"status\":\"CRITICAL\",\"message\":\"say \\\"hello\\\"\"}],"
            + "\"unsatisfied\":[],\"bundles\":[{\"name\":\"a\",\"version\":\"1.0.0\",\"state\":\"ACTIVE\",\"ok\":true}]}",
        page("/health", true, 200));
    page("/status", false, 401);
    check("x", "live", () -> new Result(Status.CRITICAL, ""));
    page("/health", false, 503);
    page("/status", true, 200);
  }

  @Test
  void aCheckThatLeavesIsForgotten() {
    HealthCheck sick = () -> new Result(Status.CRITICAL, "sick");
    check("x", "live", sick);
    health.unbindCheck(sick);
    Collection<Health.Check> said = health.picture().checks();
    assertTrue(said.isEmpty());
  }
}
