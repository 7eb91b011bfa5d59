package com.fxplatform.store;

import java.nio.file.Path;

/** Writes one row, says its id, and dies without a word to the database. */
final class Crash {
  private Crash() {}

  public static void main(String[] arguments) {
    Database database = new Database(StoreTest.config(Path.of(arguments[0])));
    var user = new UserTable(database).create(arguments[1], "A", "B", "user", "hash");
    System.out.println(user.id());
    System.out.flush();
    Runtime.getRuntime().halt(137);
  }
}
