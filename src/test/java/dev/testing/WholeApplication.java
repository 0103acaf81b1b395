package dev.testing;

import dev.evenkeel.Evenkeel;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;

/** A test of the whole application over HTTP, against a real database and the simulator. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(
    classes = Evenkeel.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "evenkeel.accounts.max-overdraft=1000000000000000",
      // part of notifications
      // Endpoints of webhooks are on this machine
      "evenkeel.notifications.webhooks.allow-private-addresses=true",
      "evenkeel.notifications.webhooks.encryption-keys=test:VGhpcnR5LXR3byBieXRlcyBmb3IgYWxsIHRlc3RzISE=",
      // end of notifications
      // What is asserted does not depend on how busy the machine is
      "spring.datasource.hikari.connection-timeout=20000",
      "spring.datasource.hikari.data-source-properties.options="
          + "-c lock_timeout=15s -c statement_timeout=20s -c transaction_timeout=30s",
      "spring.datasource.hikari.data-source-properties.socketTimeout=40",
      // A test of the breaker sees it open several times; what it asserts takes a second
      "resilience4j.circuitbreaker.instances.provider.wait-duration-in-open-state=2s"
    })
@Import(TestServices.class)
@ExtendWith(FastPolling.class)
public @interface WholeApplication {}
