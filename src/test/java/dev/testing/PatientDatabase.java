package dev.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.test.context.TestPropertySource;

/**
 * Longer timeouts of the database than production has, for a test that holds a lock while it looks
 * at what waits for it, or that sends dozens of requests at once: what it asserts must not depend
 * on how busy the machine is. Only a test that needs this has it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@TestPropertySource(
    properties = {
      "spring.datasource.hikari.connection-timeout=20000",
      "spring.datasource.hikari.data-source-properties.options="
          + "-c lock_timeout=15s -c statement_timeout=20s -c transaction_timeout=30s",
      "spring.datasource.hikari.data-source-properties.socketTimeout=40"
    })
public @interface PatientDatabase {}
