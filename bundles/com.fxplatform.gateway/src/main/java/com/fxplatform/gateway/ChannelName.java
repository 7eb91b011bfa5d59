package com.fxplatform.gateway;

import java.util.regex.Pattern;

/** What the name of a channel says about it. A prefix is the start of the name, never a part of it. */
record ChannelName(String text) {
  static final String TO_USER = "#server-to-user-";
  private static final int LONGEST = 164;
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9_\\-=@,.;]{1," + LONGEST + "}");

  boolean allowed() {
    return ALLOWED.matcher(toUser() ? text.substring(1) : text).matches();
  }

  boolean presence() {
    return text.startsWith("presence-");
  }

  boolean encrypted() {
    return text.startsWith("private-encrypted-");
  }

  boolean needsSignature() {
    return presence() || text.startsWith("private-");
  }

  boolean cache() {
    return text.startsWith("cache-") || text.startsWith("private-cache-") || text.startsWith("presence-cache-")
        || text.startsWith("private-encrypted-cache-");
  }

  boolean clientEvents() {
    return needsSignature() && !encrypted();
  }

  boolean toUser() {
    return text.startsWith(TO_USER) && text.length() > TO_USER.length();
  }

  String user() {
    return text.substring(TO_USER.length());
  }
}
