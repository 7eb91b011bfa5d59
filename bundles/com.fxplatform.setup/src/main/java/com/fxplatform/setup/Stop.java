package com.fxplatform.setup;

/** The setup ends here, with one sentence for the person in front of it. */
final class Stop extends Exception {
  private static final long serialVersionUID = 1L;

  Stop(String sentence) {
    super(sentence, null, false, false);
  }
}
