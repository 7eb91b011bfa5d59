/** The hinge between rooms: who speaks for a service right now, and who must be waited for. */
@org.osgi.annotation.bundle.Export(substitution = org.osgi.annotation.bundle.Export.Substitution.NOIMPORT)
@org.osgi.annotation.versioning.Version("1.1.0")
package com.fxplatform.api.live;
