package com.fxplatform.pusher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fxplatform.gateway.GatewayServer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.Test;

class AppInForceTest {
  @Test
  void theGatewayServesWhoeverHasNoHostedApp() {
    AppInForce apps = Fakes.apps(Map.of("appId", "$[env:PUSHER_APP_ID]", "key", "$[env:NEXT_PUBLIC_PUSHER_KEY]",
        "_secret", "$[env:PUSHER_SECRET]", "cluster", "$[env:C]", "tls", "$[env:PUSHER_USE_TLS]"));
    assertTrue(apps.app().isEmpty());
    assertEquals(Result.Status.WARN, health(apps));
    Fakes.Gateway gateway = new Fakes.Gateway();
    apps.bindGateway(gateway, Map.of("service.id", 1L));
    assertEquals("gwkey", apps.app().orElseThrow().key());
    assertEquals(Result.Status.OK, health(apps));
    gateway.app = Optional.empty();
    assertTrue(apps.app().isEmpty(), "a gateway that is switched off");
    assertFalse(apps.deliver("a", "b", "{}"));
    apps.unbindGateway(gateway);
    assertTrue(apps.app().isEmpty());
  }

  @Test
  void aCompleteHostedAppWins() {
    AppInForce apps = Fakes.hostedApps();
    apps.bindGateway(new Fakes.Gateway(), Map.of("service.id", 1L));
    assertEquals(Fakes.KEY, apps.app().orElseThrow().key());
    assertTrue(apps.app().orElseThrow().tls());
    assertEquals("https://api-ap1.pusher.com", HostedApi.base(apps.app().orElseThrow()).toString());
    apps.modified(GatewayServer.config(AppInForce.Config.class,
        Map.of("appId", "3", "key", "k", "_secret", "s", "cluster", "ap1", "tls", "false")));
    assertFalse(apps.app().orElseThrow().tls());
    apps.modified(GatewayServer.config(AppInForce.Config.class, Map.of("appId", "3", "key", "k", "_secret", "s", "cluster", "a/b")));
    assertEquals("gwkey", apps.app().orElseThrow().key(), "a cluster that is no host name is none");
    assertEquals(List.of("cluster"), apps.missing());
    assertEquals(Result.Status.WARN, health(apps));
  }

  private static Result.Status health(AppInForce apps) {
    Outbox outbox = new Outbox(apps);
    try {
      return new PublisherHealth(apps, outbox).execute().getStatus();
    } finally {
      outbox.deactivate();
    }
  }
}
