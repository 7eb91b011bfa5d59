package com.fxplatform.store;

import java.nio.file.Path;

/** Writes rows, says the id of each, and dies without a word to the database. */
final class Crash {
  private Crash() {}

  public static void main(String[] arguments) {
    Database database = new Database(StoreContract.config(Path.of(arguments[0]), arguments[1]));
    UserTable users = new UserTable(database);
    for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
      System.out.println(users.create(i + arguments[2], "A", "B", "user", "hash").id());
    }
    System.out.flush();
    Runtime.getRuntime().halt(137);
  }
}
