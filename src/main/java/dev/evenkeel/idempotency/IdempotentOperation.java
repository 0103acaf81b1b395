package dev.evenkeel.idempotency;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.http.HttpStatus;

/**
 * Marks a controller method that takes an idempotency key. Its problems say whether money may have
 * moved and what to do next, even those that arise before the method is reached.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface IdempotentOperation {

  /** Whether a request without a key is refused; otherwise it gets a key of its own. */
  boolean keyRequired() default true;

  /** The statuses of success, for the OpenAPI document; a replay is answered with 200. */
  HttpStatus[] success() default {HttpStatus.CREATED, HttpStatus.OK};

  /** The largest body, in KiB. */
  int maxBodyKib() default 64;
}
