package com.fxplatform.vault;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import java.io.IOException;
import java.util.Locale;

/** Windows' own protection of a user's data (CryptProtectData); what it sealed opens only for the same user on the same machine. */
final class Dpapi {
  private static final int NO_WINDOW = 1;

  /** {@code DATA_BLOB} of wincrypt.h. */
  @Structure.FieldOrder({"cbData", "pbData"})
  public static final class Blob extends Structure {
    public int cbData;
    public Pointer pbData;

    public Blob() {}

    Blob(byte[] data) {
      Memory memory = new Memory(Math.max(1, data.length));
      memory.write(0, data, 0, data.length);
      pbData = memory;
      cbData = data.length;
    }
  }

  interface Crypt32 extends Library {
    boolean CryptProtectData(Blob in, Pointer description, Pointer entropy, Pointer reserved, Pointer prompt, int flags, Blob out);

    boolean CryptUnprotectData(Blob in, Pointer description, Pointer entropy, Pointer reserved, Pointer prompt, int flags, Blob out);
  }

  interface Kernel32 extends Library {
    Pointer LocalFree(Pointer memory);
  }

  private Dpapi() {}

  static boolean here() {
    return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
  }

  static byte[] protect(byte[] plain) throws IOException {
    return call(plain, true);
  }

  static byte[] unprotect(byte[] sealed) throws IOException {
    return call(sealed, false);
  }

  private static byte[] call(byte[] data, boolean protect) throws IOException {
    if (!here()) {
      throw new IOException("Only the Windows machine and user that sealed this secret can open it: run this command there.");
    }
    Crypt32 crypt = Native.load("Crypt32", Crypt32.class);
    Blob in = new Blob(data);
    Blob out = new Blob();
    boolean done =
        protect
            ? crypt.CryptProtectData(in, null, null, null, null, NO_WINDOW, out)
            : crypt.CryptUnprotectData(in, null, null, null, null, NO_WINDOW, out);
    ((Memory) in.pbData).clear();
    if (!done || out.pbData == null) {
      throw new IOException("Windows does not open this secret: it was sealed by another user or on another machine. Run fx setup again.");
    }
    try {
      return out.pbData.getByteArray(0, out.cbData);
    } finally {
      out.pbData.setMemory(0, out.cbData, (byte) 0);
      Native.load("Kernel32", Kernel32.class).LocalFree(out.pbData);
    }
  }
}
