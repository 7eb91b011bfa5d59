package com.fxplatform.store;

import java.nio.file.Path;

/** Writes one row, says its id, and dies without a word to the database. */
final class Crash {
  private Crash() {}

  public static void main(String[] arguments) {
    Database database = new Database(StoreContract.config(Path.of(arguments[0]), arguments[1]));
    var user = new UserTable(database).create(arguments[2], "A", "B", "user", "hash");
    System.out.println(user.id());
    System.out.flush();
    Runtime.getRuntime().halt(137);
  }
}
