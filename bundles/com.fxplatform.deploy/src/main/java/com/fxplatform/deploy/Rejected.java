package com.fxplatform.deploy;

/** A jar is not taken. The message is one sentence for whoever dropped it. */
final class Rejected extends Exception {
  private static final long serialVersionUID = 1;

  Rejected(String sentence) {
    super(sentence);
  }
}
