/** Several server processes of one platform: what they tell each other, and small values that all of them see. */
@org.osgi.annotation.bundle.Export(substitution = org.osgi.annotation.bundle.Export.Substitution.NOIMPORT)
@org.osgi.annotation.versioning.Version("1.0.0")
package com.fxplatform.api.nodes;
