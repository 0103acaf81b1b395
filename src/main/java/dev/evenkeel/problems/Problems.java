package dev.evenkeel.problems;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the problems of a controller method, by their slugs, for the OpenAPI document. Problems
 * that follow from the method's path, parameters and annotations need no mention. An annotation
 * that has this annotation names problems that several methods share.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface Problems {

  String[] value();
}
