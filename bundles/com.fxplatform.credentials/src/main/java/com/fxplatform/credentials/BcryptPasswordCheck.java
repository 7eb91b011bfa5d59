package com.fxplatform.credentials;

import com.fxplatform.api.auth.PasswordCheck;
import org.osgi.service.component.annotations.Component;

/** bcrypt for rooms that do not know it. */
@Component
public final class BcryptPasswordCheck implements PasswordCheck {
  @Override
  public boolean matches(String password, String hash) {
    return Bcrypt.matches(password, hash);
  }
}
