package com.fxplatform.setup;

/** The setup ends here, with one sentence for the person in front of it. */
final class Stop extends Exception {
  private static final long serialVersionUID = 1L;

  private final int code;

  Stop(String sentence) {
    this(sentence, 1);
  }

  private Stop(String sentence, int code) {
    super(sentence, null, false, false);
    this.code = code;
  }

  /** Nobody can carry out what was typed. */
  static Stop misuse(String sentence) {
    return new Stop(sentence, 2);
  }

  /** What the command ends with. */
  int code() {
    return code;
  }
}
