package com.fxplatform.api.executor;

import java.util.Optional;

/** What an owner changes of an executor; empty members stay as they are. */
public record ExecutorChange(
    Optional<String> name,
    Optional<String> platform,
    Optional<String> brokerServer,
    Optional<String> accountNumber,
    Optional<String> status) {}
