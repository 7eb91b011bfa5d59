package com.fxplatform.vault;

import com.fxplatform.api.vault.UserDataProtection;
import java.io.IOException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Opens what another program sealed with DPAPI; on other systems it says that it cannot. */
@Component
public final class WindowsUserData implements UserDataProtection {
  @Activate
  public WindowsUserData() {}

  @Override
  public byte[] unprotect(byte[] sealed) throws IOException {
    return Dpapi.unprotect(sealed);
  }
}
