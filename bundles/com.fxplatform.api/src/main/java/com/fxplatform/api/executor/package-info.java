/** Executors: what a server keeps of them, and how an executor reaches its platform. */
@org.osgi.annotation.bundle.Export(substitution = org.osgi.annotation.bundle.Export.Substitution.NOIMPORT)
@org.osgi.annotation.versioning.Version("1.0.0")
package com.fxplatform.api.executor;
