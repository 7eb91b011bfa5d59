package com.fxplatform.itests.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.NoAlertPresentException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Debian's Chromium without a screen, as somebody in front of it uses it; installed if that is possible. */
final class Chromium implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final ChromeDriver driver;

  /** @param folder for the profile and the log */
  Chromium(Path folder) throws Exception {
    Debian.need("/usr/bin/chromium", "chromium");
    Debian.need("/usr/bin/chromedriver", "chromium-driver");
    Files.createDirectories(folder);
    ChromeOptions options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--user-data-dir=" + folder.resolve("profile"));
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service = new ChromeDriverService.Builder()
        .usingDriverExecutable(Path.of("/usr/bin/chromedriver").toFile()).usingAnyFreePort()
        .withLogFile(folder.resolve("driver.log").toFile()).build();
    driver = new ChromeDriver(service, options);
    wide();
  }

  /** Like a desktop. */
  void wide() {
    screen(1280, 900, false);
  }

  /** Like a phone. */
  void narrow() {
    screen(390, 844, true);
  }

  private void screen(int width, int height, boolean phone) {
    driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", phone));
  }

  void open(String address) {
    console();
    driver.get(address);
  }

  void click(String selector) {
    driver.findElement(By.cssSelector(selector)).click();
  }

  /** Answers the question that the page asks. */
  void answer(boolean yes) throws Exception {
    Await.until("the page asks", SOON, () -> {
      try {
        if (yes) {
          driver.switchTo().alert().accept();
        } else {
          driver.switchTo().alert().dismiss();
        }
        return true;
      } catch (NoAlertPresentException notYet) {
        return false;
      }
    });
  }

  /** What a person reads there; empty if it is not shown. */
  String text(String selector) {
    return String.join("\n", texts(selector));
  }

  /** One text for each element that is shown. */
  List<String> texts(String selector) {
    while (true) {
      try {
        return driver.findElements(By.cssSelector(selector)).stream().filter(WebElement::isDisplayed)
            .map(WebElement::getText).toList();
      } catch (StaleElementReferenceException drawnAnew) {
        // the page was drawn anew meanwhile: read again
        Thread.onSpinWait();
      }
    }
  }

  boolean usable(String selector) {
    return driver.findElements(By.cssSelector(selector)).stream()
        .anyMatch(element -> element.isDisplayed() && element.isEnabled());
  }

  /** Everything that the page holds, shown or not, with what is typed into its fields. */
  String everything() {
    return (String) driver.executeScript("return document.documentElement.outerHTML"
        + " + [...document.querySelectorAll('input')].map((i) => i.value) + JSON.stringify(localStorage)"
        + " + JSON.stringify(sessionStorage) + document.cookie");
  }

  /** Whether one must push the page aside to read it. */
  boolean tooWide() {
    return (Boolean) driver.executeScript("return document.documentElement.scrollWidth > document.documentElement.clientWidth");
  }

  String address() {
    return driver.getCurrentUrl();
  }

  /** What the console holds since the page was opened, or since it was asked last. */
  List<String> console() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream().map(LogEntry::getMessage).toList();
  }

  /** Whom the pages asked for something since this was asked last. */
  Set<String> hosts() {
    Set<String> hosts = new TreeSet<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      JsonNode event = Json.read(entry.getMessage()).path("message");
      String url = event.path("params").path("request").path("url").asText();
      if (event.path("method").asText().equals("Network.requestWillBeSent") && url.matches("(http|ws)s?://.*")) {
        Optional.ofNullable(URI.create(url).getHost()).ifPresent(hosts::add);
      }
    }
    return hosts;
  }

  /** Kept where {@code -Dfx.pictures=FOLDER} says; without it nothing happens. */
  void picture(String name) throws Exception {
    String folder = System.getProperty("fx.pictures", "");
    if (!folder.isEmpty()) {
      Files.write(Files.createDirectories(Path.of(folder)).resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }
  }

  @Override
  public void close() {
    driver.quit();
  }
}
