/** How a running house is renewed: who deploys, what became of it, and how a newcomer is tried. */
@org.osgi.annotation.bundle.Export(substitution = org.osgi.annotation.bundle.Export.Substitution.NOIMPORT)
@org.osgi.annotation.versioning.Version("1.0.0")
package com.fxplatform.api.deploy;
