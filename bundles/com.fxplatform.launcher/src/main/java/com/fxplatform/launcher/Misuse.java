package com.fxplatform.launcher;

/** A call that nobody can carry out as it was typed: a sentence that teaches; the exit code is 2. */
final class Misuse extends Trouble {
  private static final long serialVersionUID = 1L;

  Misuse(String sentence) {
    super(sentence);
  }
}
