/** The rules of the house (architecture, section 8), held against the jars as they were built, not against the sources. */
package com.fxplatform.itests.rules;
