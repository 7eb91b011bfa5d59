package com.fxplatform.launcher;

import java.util.List;

/** What stops a command: sentences for the operator, each with its remedy. Printed without a stack; the exit code is 1. */
class Trouble extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Trouble(String sentence) {
    super(sentence, null, false, false);
  }

  static Trouble of(List<String> sentences) {
    return new Trouble(String.join(System.lineSeparator(), sentences));
  }
}
