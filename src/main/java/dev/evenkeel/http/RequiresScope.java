package dev.evenkeel.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the scopes that a caller needs for a controller's methods; without them they answer 403.
 * Every controller of the API has it, except the provider's webhook, which is signed.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface RequiresScope {

  /** The scope for GET. */
  String read();

  /** The scope for every other method. */
  String write();
}
