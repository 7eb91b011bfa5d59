package com.fxplatform.api.provisioning;

import java.util.Map;

/**
 * What an executor is given.
 *
 * @param revision follows the values: equal values have equal revisions; safe inside an {@code ETag}
 * @param values the settings, in the order the plugins gave them
 * @param provenance for each key who said it, for example {@code acme.risk@1.1.0}
 */
public record Provisioned(String revision, Map<String, Object> values, Map<String, String> provenance) {}
