package com.fxplatform.vault;

import com.fxplatform.api.vault.SecretVault;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** Secrets in the desktop's keyring (Secret Service), by way of the desktop's own library libsecret. */
final class KeyringVault implements SecretVault {
  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");
  private static final int ATTRIBUTES = 32;
  private static final int POINTER = Native.POINTER_SIZE;

  interface LibSecret extends Library {
    int secret_password_store_sync(
        Pointer schema, String collection, String label, Pointer password, Pointer cancel, PointerByReference error, Object... attributes);

    Pointer secret_password_lookup_sync(Pointer schema, Pointer cancel, PointerByReference error, Object... attributes);

    int secret_password_clear_sync(Pointer schema, Pointer cancel, PointerByReference error, Object... attributes);

    void secret_password_free(Pointer password);
  }

  private final LibSecret library;
  private final Memory schema;
  private final Memory schemaName = text("com.fxplatform.executor".getBytes(StandardCharsets.UTF_8));
  private final Memory nameKey = text("name".getBytes(StandardCharsets.UTF_8));
  private final Memory instanceKey = text("instance".getBytes(StandardCharsets.UTF_8));
  private final String instance;

  /**
   * @param instance tells the executors of one user apart
   * @throws IOException if this machine has no such library
   */
  KeyringVault(String instance) throws IOException {
    this.instance = instance;
    try {
      library = Native.load("secret-1", LibSecret.class);
    } catch (UnsatisfiedLinkError none) {
      throw new IOException("This machine has no keyring library (libsecret).");
    }
    // SecretSchema: name, flags, 32 attributes of name and type, reserved
    schema = new Memory(2L * POINTER + ATTRIBUTES * 2L * POINTER + 8L * POINTER);
    schema.clear();
    schema.setPointer(0, schemaName);
    schema.setPointer(2L * POINTER, nameKey);
    schema.setPointer(4L * POINTER, instanceKey);
  }

  @Override
  public Optional<char[]> read(String name) throws IOException {
    PointerByReference error = new PointerByReference();
    Pointer found = library.secret_password_lookup_sync(schema, null, error, "name", checked(name), "instance", instance, null);
    check(error);
    if (found == null) {
      return Optional.empty();
    }
    try {
      byte[] bytes = found.getByteArray(0, (int) found.indexOf(0, (byte) 0));
      CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes));
      char[] secret = new char[text.remaining()];
      text.get(secret);
      Arrays.fill(text.array(), '\0');
      Arrays.fill(bytes, (byte) 0);
      return Optional.of(secret);
    } finally {
      library.secret_password_free(found);
    }
  }

  @Override
  public void write(String name, char[] secret) throws IOException {
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(secret));
    byte[] bytes = Arrays.copyOf(encoded.array(), encoded.remaining());
    Arrays.fill(encoded.array(), (byte) 0);
    try (Memory password = text(bytes)) {
      PointerByReference error = new PointerByReference();
      int done =
          library.secret_password_store_sync(
              schema, "default", "FX Platform executor (" + name + ")", password, null, error, "name", checked(name), "instance", instance, null);
      password.clear();
      check(error);
      if (done == 0) {
        throw new IOException("The keyring did not keep the secret: unlock it, or set keep=sealed in config/com.fxplatform.vault.cfg.");
      }
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    PointerByReference error = new PointerByReference();
    library.secret_password_clear_sync(schema, null, error, "name", checked(name), "instance", instance, null);
    check(error);
  }

  @Override
  public String place() {
    return "the desktop's keyring";
  }

  private static String checked(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("A secret's name has lower-case letters, digits and -, at most 64");
    }
    return name;
  }

  /** GError: domain and code, then the message. */
  private static void check(PointerByReference error) throws IOException {
    Pointer trouble = error.getValue();
    if (trouble != null) {
      Pointer message = trouble.getPointer(8);
      throw new IOException(
          "The keyring does not answer (" + (message == null ? "no reason" : message.getString(0, "UTF-8").strip()) + "): unlock it, or set keep=sealed in config/com.fxplatform.vault.cfg.");
    }
  }

  private static Memory text(byte[] bytes) {
    Memory memory = new Memory(bytes.length + 1L);
    memory.write(0, bytes, 0, bytes.length);
    memory.setByte(bytes.length, (byte) 0);
    return memory;
  }
}
