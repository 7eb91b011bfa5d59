package com.fxplatform.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A socket that keeps what it was given; {@link #stuck} makes it one whose reader has stopped. */
final class FakeWire implements Wire {
  final List<String> sent = new CopyOnWriteArrayList<>();
  final List<Consumer<Boolean>> pending = new ArrayList<>();
  volatile boolean stuck;
  volatile int pings;
  volatile int closeCode;
  volatile boolean aborted;

  @Override
  public void send(String text, Consumer<Boolean> done) {
    sent.add(text);
    if (stuck) {
      pending.add(done);
    } else {
      done.accept(true);
    }
  }

  void unstick() {
    stuck = false;
    List<Consumer<Boolean>> waiting = List.copyOf(pending);
    pending.clear();
    waiting.forEach(done -> done.accept(true));
  }

  @Override
  public void ping() {
    pings++;
  }

  @Override
  public CompletableFuture<Void> close(int code, String reason) {
    closeCode = code;
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void abort() {
    aborted = true;
  }

  List<JsonNode> frames(String event) {
    return sent.stream().map(FakeWire::read).filter(frame -> frame.path("event").asText().equals(event)).toList();
  }

  List<String> names() {
    return sent.stream().map(text -> read(text).path("event").asText()).toList();
  }

  static JsonNode read(String text) {
    try {
      return Frame.JSON.readTree(text);
    } catch (JsonProcessingException broken) {
      throw new AssertionError("We sent what is not JSON: " + text, broken);
    }
  }

  /** The data, which is JSON within a string. */
  static JsonNode data(JsonNode frame) {
    return read(frame.path("data").asText());
  }
}
