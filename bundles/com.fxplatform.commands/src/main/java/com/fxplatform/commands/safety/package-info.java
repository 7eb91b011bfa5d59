/** The limits that the platform provisions, one check each. */
package com.fxplatform.commands.safety;
