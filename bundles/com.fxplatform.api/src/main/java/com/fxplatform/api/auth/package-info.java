/** Who is calling: executors by key and secret, web users by session. */
@org.osgi.annotation.bundle.Export(substitution = org.osgi.annotation.bundle.Export.Substitution.NOIMPORT)
@org.osgi.annotation.versioning.Version("1.1.0")
package com.fxplatform.api.auth;
