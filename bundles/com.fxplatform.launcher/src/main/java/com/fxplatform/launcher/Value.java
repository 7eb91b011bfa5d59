package com.fxplatform.launcher;

/**
 * A value and who said it.
 *
 * @param text as written, placeholders not resolved
 * @param origin for a person: {@code runtimes/server.runtime:12}, {@code environment FX_HTTP_PORT}, {@code --set}
 */
record Value(String text, String origin) {}
