package com.fxplatform.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fxplatform.itests.distribution.Browser.Answer;
import com.fxplatform.itests.distribution.Product.Said;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Our pages in a real browser: what a person sees there, and what happens when a button is clicked. */
@Tag("slow")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PagesJourney {
  private static final Duration SOON = Duration.ofSeconds(30);

  private Product product;
  private Chromium chromium;
  private String platform;
  private String page;
  private int serverDoor;
  private Browser owner;
  private Credentials executor;
  private String[] settings;

  @BeforeAll
  void start() throws Exception {
    product = new Product();
    chromium = new Chromium(product.folder.resolve("chromium"));
    int http = product.freePort();
    serverDoor = product.freePort();
    platform = "http://127.0.0.1:" + http;
    product.start("server", Map.of("FX_ADMIN_EMAIL", Product.EMAIL, "FX_ADMIN_PASSWORD", Product.PASSWORD),
        "fx.http.port=" + http, "fx.admin.port=" + serverDoor, "com.fxplatform.provisioning.connection/heartbeatInterval=1");
    owner = new Browser(platform).signIn(Product.EMAIL, Product.PASSWORD);
    executor = Credentials.create(owner, "Living room");
    Path pasted = product.folder.resolve("InpSharedSecret");
    Files.createFile(pasted, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(pasted, executor.sharedSecret());
    int terminal = product.freePort();
    product.start("paper", Map.of(), "fx.terminal.port=" + terminal, "fx.admin.port=" + product.freePort(),
        "com.fxplatform.paper/secretFile=" + pasted);
    int local = product.freePort();
    page = "http://127.0.0.1:" + local + "/";
    settings = new String[] {"fx.http.port=" + local, "fx.admin.port=" + product.freePort(),
        "com.fxplatform.executor/override.zmqPort=" + product.freePort(),
        "com.fxplatform.executor/override.zmqCommandPort=" + terminal};
    product.start("executor", Map.of(), settings);
  }

  @AfterAll
  void stop() throws Exception {
    try {
      if (chromium != null) {
        chromium.close();
      }
    } finally {
      product.close();
    }
  }

  /** Of whatever test: nothing from elsewhere, nothing refused. */
  @AfterEach
  void nothingFromElsewhere() {
    assertEquals(Set.of("127.0.0.1"), chromium.hosts());
  }

  @Test
  @Order(1)
  void whatIsNotSetUpSaysWhatToDoAndBecomesReadyUnderTheEyes() throws Exception {
    chromium.open(page);
    Await.until("the page says what to do", SOON, () -> chromium.text("#sub").startsWith("Not set up: run fx setup"));
    assertEquals("waiting for setup", state("Platform"));
    Await.until("nothing trades", SOON, () -> chromium.text("#halted").equals("No order goes out before the setup."));
    looksWell("executor-not-set-up");
    Said wrong = setup("0".repeat(64));
    assertEquals("The API secret is wrong: copy it again, or create a new one on the platform.", wrong.text());
    assertEquals("waiting for setup", state("Platform"));
    assertEquals(0, setup(executor.secret()).code());
    ready();
    assertEquals("Living room", chromium.text("#name"));
    assertEquals(executor.id() + " at " + platform, chromium.text("#sub"));
    Await.until("it trades", SOON, () -> chromium.text("#halted").equals("Trading is active."));
    assertFalse(chromium.usable("#resume"), "nothing to resume");
    looksWell("executor-ready");
    nothingSecret();
  }

  @Test
  @Order(2)
  void everyLinkIsMeasuredAndShownWithItsVerdict() throws Exception {
    chromium.click("#diagnose");
    Await.until("measured", SOON, () -> chromium.usable("#diagnose") && !chromium.texts("#links tr").isEmpty());
    for (String link : List.of("DNS", "Connection", "Credentials", "Clock", "Realtime", "Terminal", "Token")) {
      assertTrue(chromium.texts("#links tr").stream().anyMatch(row -> row.matches("(?s)" + link + "\\s+ok\\s+.+")),
          link + " in " + chromium.texts("#links tr"));
    }
    assertTrue(chromium.text("#measured").startsWith("Measured at "), chromium.text("#measured"));
    looksWell("executor-diagnosis");
  }

  @Test
  @Order(3)
  void theRedButtonStopsEverythingAndTheOwnerHearsOfIt() throws Exception {
    Subscriber ears = owners();
    String ticket = end(open()).path("result").path("ticket").asText();
    Await.until("the page lists the order", SOON, () -> chromium.texts("#commands tr").stream()
        .anyMatch(row -> row.contains("OPEN_POSITION") && row.contains("executed") && row.contains(ticket)));
    chromium.click("#halt");
    chromium.answer(false);
    assertEquals("Trading is active.", chromium.text("#halted"), "whoever says no is not stopped");
    chromium.click("#halt");
    chromium.answer(true);
    Await.until("halted and flat on the page", SOON,
        () -> chromium.text("#halted").startsWith("Trading is halted (the executor's own page). Everything is closed. "));
    assertEquals(List.of(ticket + ": closed"), chromium.texts("#proofs li"));
    looksWell("executor-halted");
    assertTrue(trades().stream().anyMatch(line -> line.contains("CLOSE") && line.contains(ticket)),
        "the terminal's own log: " + trades());
    assertTrue(end(open()).path("result").path("error").asText().contains("halted"), "no order goes out");
    Await.until("the owner hears that it is flat", SOON, () -> last(ears, "trading-state").path("flat").asBoolean());
    JsonNode told = last(ears, "trading-state");
    assertEquals("halted", told.path("tradingState").asText());
    assertEquals("the executor's own page", told.path("tradingReason").asText());
    assertEquals(executor.id(), told.path("executorId").asText());
    assertEquals(1, ears.count("emergency-stop"), "one stop, told once");
    assertEquals("the executor's own page", last(ears, "emergency-stop").path("tradingReason").asText());

    chromium.click("#resume");
    chromium.answer(true);
    Await.until("resumed on the page", SOON,
        () -> chromium.text("#halted").equals("Trading is active.") && !chromium.usable("#resume"));
    assertEquals(List.of(), chromium.texts("#proofs li"));
    Await.until("the owner hears that it trades", SOON, () -> toldState(ears).equals("active"));
    assertEquals("executed", end(open()).path("status").asText());
    ears.hangUp();
  }

  @Test
  @Order(4)
  void aPauseIsShownAndLiftedAndTheOwnerHearsOfIt() throws Exception {
    Subscriber ears = owners();
    assertEquals("executed", end(command("PAUSE", Map.of())).path("status").asText());
    Await.until("paused on the page", SOON, () -> chromium.text("#halted").startsWith("Trading is paused"));
    looksWell("executor-paused");
    Await.until("the owner hears of the pause", SOON, () -> toldState(ears).equals("paused"));
    assertFalse(last(ears, "trading-state").path("tradingReason").asText().isEmpty());
    assertEquals("failed", end(open()).path("status").asText());
    chromium.click("#resume");
    chromium.answer(true);
    Await.until("active on the page", SOON, () -> chromium.text("#halted").equals("Trading is active."));
    Await.until("the owner hears that it trades", SOON, () -> toldState(ears).equals("active"));
    assertEquals(0, ears.count("emergency-stop"));
    assertEquals("executed", end(open()).path("status").asText());
    ears.hangUp();
  }

  @Test
  @Order(5)
  void aSecretThatIsNoLongerRightIsOneSentenceAndTheNewOneHeals() throws Exception {
    Answer rotated = owner.send("POST", "/api/executor/" + executor.id() + "/rotate-secret", "{}");
    assertEquals(200, rotated.status(), rotated.http().body());
    Await.until("the page says that it is refused", SOON, () -> card("Platform").contains("refuses"));
    assertTrue(card("Platform").contains("run fx setup again."), card("Platform"));
    looksWell("executor-refused");
    executor = new Credentials(executor.id(), executor.userId(), executor.apiKey(),
        rotated.json().path("secretKey").asText(), executor.sharedSecret());
    assertEquals(0, setup(executor.secret()).code());
    ready();
    nothingSecret();
  }

  @Test
  @Order(6)
  void whoIsGoneIsNotShownAsWell() throws Exception {
    assertEquals(List.of(), chromium.console(), "what the executor's page complained of while all was well");
    product.stop("executor");
    // what nobody answers stands in the console too, and should
    Await.until("the page says that nobody answers", SOON,
        () -> chromium.text("#gone").startsWith("The executor does not answer"));
    assertEquals("", chromium.text("#halted") + chromium.text("#proofs"), "whether it trades is not known");
    chromium.click("#halt");
    chromium.answer(true);
    Await.until("the button says that it did nothing", SOON,
        () -> chromium.text("#said").startsWith("The executor does not answer"));
    assertTrue(chromium.usable("#halt"));
    looksWell("executor-gone");
    product.start("executor", Map.of(), settings);
    Await.until("the page sees the new process", SOON, () -> chromium.text("#gone").isEmpty());
    ready();
    chromium.click("#halt");
    chromium.answer(true);
    Await.until("the button works without a reload", SOON, () -> chromium.text("#halted").contains("Everything is closed"));
    assertEquals("", chromium.text("#said"));
  }

  @Test
  @Order(7)
  void theServersPagesLeadToItsDocuments() throws Exception {
    chromium.open(platform + "/");
    assertEquals("FX Platform is running", chromium.text("h1"));
    looksWell("welcome");
    chromium.click("a[href='/docs']");
    Await.until("the documents", SOON, () -> chromium.text("h1").equals("Documents"));
    looksWell("docs");
    chromium.click("a[href='/docs/api']");
    Await.until("the reference", SOON, () -> chromium.address().equals(platform + "/docs/api"));
    assertTrue(chromium.texts("nav li").size() > 3, "chapters");
    looksWell("docs-api");
    assertEquals(List.of(), chromium.console());
  }

  @Test
  @Order(8)
  void theBackDoorsPageIsReadWithItsToken() throws Exception {
    String token = Files.readString(product.instance("server").resolve("data/admin.token")).strip();
    chromium.open("http://me:" + token + "@127.0.0.1:" + serverDoor + "/");
    assertTrue(chromium.text("h1").matches("FX Platform live ready"), chromium.text("h1"));
    assertTrue(chromium.texts("h2").containsAll(List.of("Health", "Deployments", "Bundles", "Who speaks", "Configuration")),
        chromium.text("h2"));
    assertFalse(chromium.everything().contains(token));
    looksWell("back-door");
    assertEquals(List.of(), chromium.console());
  }

  /** Nothing stands out to the side, neither on a desktop nor on a phone. */
  private void looksWell(String name) throws Exception {
    chromium.picture(name);
    assertFalse(chromium.tooWide(), name + " on a desktop");
    chromium.narrow();
    chromium.picture(name + "-phone");
    assertFalse(chromium.tooWide(), name + " on a phone");
    chromium.wide();
  }

  private void nothingSecret() {
    String all = chromium.everything();
    assertFalse(all.contains(executor.secret()) || all.contains(executor.sharedSecret()), all);
  }

  /** The terminal's own log of what it traded. */
  private List<String> trades() throws Exception {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(product.instance("paper").resolve("data/paper"))) {
      for (Path file : files.filter(path -> path.getFileName().toString().contains("trade"))
          .filter(Files::isRegularFile).toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  /** What the card of this title says; its second line is the state. */
  private String card(String title) {
    return chromium.texts(".card").stream().filter(card -> card.startsWith(title + "\n")).findFirst().orElse("\n");
  }

  private String state(String title) {
    return card(title).split("\n", -1)[1];
  }

  private void ready() throws Exception {
    Map<String, String> wanted = Map.of("Platform", "ok", "Realtime", "subscribed",
        "Terminal", "ready", "Configuration", "applied");
    Map<String, String> seen = new LinkedHashMap<>();
    Await.until("all four are well on the page", SOON, () -> {
      wanted.keySet().forEach(title -> seen.put(title, state(title)));
      return seen.equals(wanted);
    });
  }

  private Said setup(String secret) throws Exception {
    return product.fx("executor", Map.of("FX_PLATFORM_URL", platform), secret + "\n",
        "setup", "--api-key", executor.apiKey(), "--api-secret-stdin");
  }

  /** What the owner's own page would hear. */
  private Subscriber owners() throws Exception {
    String key = owner.get("/api/executor/config", executor.headers()).json().findValue("pusherKey").asText();
    Subscriber ears = Subscriber.connect(platform, key);
    ears.subscribe(owner, "private-user-" + executor.userId());
    return ears;
  }

  private static JsonNode last(Subscriber ears, String event) {
    List<JsonNode> all = ears.all(event);
    return all.isEmpty() ? Json.read("{}") : all.get(all.size() - 1);
  }

  private static String toldState(Subscriber ears) {
    return last(ears, "trading-state").path("tradingState").asText();
  }

  private String open() throws Exception {
    return command("OPEN_POSITION", Map.of("symbol", "EURUSD", "type", "BUY", "volume", 0.01));
  }

  private String command(String name, Map<String, ?> parameters) throws Exception {
    Answer sent = owner.send("POST", "/api/executor/" + executor.id() + "/command",
        Map.of("command", name, "parameters", parameters));
    assertEquals(201, sent.status(), sent.http().body());
    return sent.json().path("command").path("id").asText();
  }

  private JsonNode end(String command) throws Exception {
    Await.until("command " + command + " ends", Duration.ofSeconds(60),
        () -> List.of("executed", "failed", "unknown", "expired", "cancelled").contains(row(command).path("status").asText()));
    return row(command);
  }

  private JsonNode row(String command) throws Exception {
    return owner.get("/api/command/" + command).json().path("command");
  }
}
