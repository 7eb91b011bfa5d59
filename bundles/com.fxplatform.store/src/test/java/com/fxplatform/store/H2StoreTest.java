package com.fxplatform.store;

/** The embedded database. */
class H2StoreTest extends StoreContract {
  @Override
  String url() {
    return "";
  }
}
