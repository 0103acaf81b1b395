package dev.testing;

import dev.evenkeel.Evenkeel;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;

/**
 * A test of the whole application over HTTP, against a real database and the simulator. Timeouts,
 * pools and limits are those of production, but for what is set here or by the test itself.
 */
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
      // Many tests wait for recovery, and none depends on how long it pauses
      "evenkeel.payments.recover-every=200ms",
      // It would ask about payments that tests have made contradictory; its test runs it
      "evenkeel.payments.reconcile-every=1d",
      // A test of the breaker sees it open several times; what it asserts takes a second
      "resilience4j.circuitbreaker.configs.default.wait-duration-in-open-state=2s"
    })
@Import(TestServices.class)
@ExtendWith(FastPolling.class)
public @interface WholeApplication {}
