package dev.evenkeel.http;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an operation that keeps the database busy, so that only a few requests of its kind run at
 * once; further ones are refused with 503.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface ExpensiveRead {

  /** The kind, whose limit is a setting: {@code evenkeel.limits.expensive-reads}. */
  String value();

  /** Tells which reads of a kind are cheap after all. Without one, none is. */
  interface Exemption {

    String kind();

    boolean isCheap(HttpServletRequest request);
  }
}
