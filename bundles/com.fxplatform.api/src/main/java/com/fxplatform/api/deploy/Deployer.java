package com.fxplatform.api.deploy;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Renews rooms while people live in them. Deployments go one after the other; these calls only hand them in. */
@ProviderType
public interface Deployer {
  /** Refusal 404: there is no such file, or no earlier version of that name. */
  String NOTHING_TO_DEPLOY = "NOTHING_TO_DEPLOY";

  /** Refusal 409: another runtime of this instance looks after the folder. */
  String NOT_IN_CHARGE = "NOT_IN_CHARGE";

  /**
   * Puts a copy of the jar into the deploy folder.
   *
   * @return what was handed in; {@link #ledger} tells by its id what becomes of it
   * @throws com.fxplatform.api.Refusal 404 {@link #NOTHING_TO_DEPLOY}, 409 {@link #NOT_IN_CHARGE}
   */
  Deployment deploy(Path jar);

  /**
   * Brings back, by the same path, what had settled before the present version of a bundle.
   *
   * @throws com.fxplatform.api.Refusal 404 {@link #NOTHING_TO_DEPLOY}, 409 {@link #NOT_IN_CHARGE}
   */
  Deployment rollback(String symbolicName);

  /** What happened lately, oldest first. */
  List<Deployment> ledger();
}
