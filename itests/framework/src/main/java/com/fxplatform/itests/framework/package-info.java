/** Rooms as SCR runs them: they come, go, are swapped and configured while somebody calls. Their neighbours are fakes. */
package com.fxplatform.itests.framework;
