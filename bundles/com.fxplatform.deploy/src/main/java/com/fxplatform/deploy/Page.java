package com.fxplatform.deploy;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** One thing that can be asked at the back door. Services of this type stay inside this room. */
interface Page {
  /** Service property, mandatory, one or several: the path, exact; one that ends with a slash takes one more segment. */
  String PATH = "page.path";

  /**
   * What is asked.
   *
   * @param method the HTTP method
   * @param path as asked
   * @param trusted whether the caller showed the token
   * @param type of the body, may be empty
   * @param body read at most once
   */
  record Ask(String method, String path, boolean trusted, String type, InputStream body) {
    /** Without a body. */
    Ask(String method, String path, boolean trusted) {
      this(method, path, trusted, "", InputStream.nullInputStream());
    }
  }

  /** What is answered. */
  record Answer(int status, String type, byte[] body) {
    static Answer json(int status, String json) {
      return new Answer(status, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Whether strangers may ask it as well; it sees who asks. */
  default boolean open() {
    return false;
  }

  Answer answer(Ask ask);
}
