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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

  private static final int PATIENCE_SECONDS = 10;
  private static final String SILENT =
      "The keyring does not answer: unlock it, or set keep=sealed in config/com.fxplatform.vault.cfg.";

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(1, 1, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(1), KeyringVault::thread);
  private volatile Future<?> hanging;
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
    threads.allowCoreThreadTimeOut(true);
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

  private interface Call<R> {
    R make() throws IOException;
  }

  /** The library waits for ever where the keyring wants to ask somebody for its password. */
  private <R> R bounded(Call<R> call) throws IOException {
    Future<?> before = hanging;
    if (before != null && !before.isDone()) {
      throw new IOException(SILENT);
    }
    Future<R> answer = threads.submit(call::make);
    try {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      hanging = answer;
      throw new IOException(SILENT);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IOException("Stopped while the keyring was asked.");
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof IOException no ? no : new IOException("The keyring cannot be used: " + failed.getCause());
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = Executors.defaultThreadFactory().newThread(work);
    thread.setName("fx-vault-keyring");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public Optional<char[]> read(String name) throws IOException {
    return bounded(() -> lookup(name));
  }

  private Optional<char[]> lookup(String name) throws IOException {
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
    char[] copy = secret.clone();
    bounded(
        () -> {
          store(name, copy);
          return null;
        });
  }

  private void store(String name, char[] secret) throws IOException {
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
      Arrays.fill(secret, '\0');
    }
  }

  @Override
  public void delete(String name) throws IOException {
    bounded(
        () -> {
          clear(name);
          return null;
        });
  }

  private void clear(String name) throws IOException {
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
