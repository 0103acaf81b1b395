/**
 * What {@code ./mvnw spring-boot:run} starts with the application, so that it needs no Docker and
 * no database: a real PostgreSQL and the provider's simulator. Does nothing in the packaged jar,
 * which lacks the embedded PostgreSQL. The only package that knows both the application and the
 * simulator.
 */
@NullMarked
package dev.devservices;

import org.jspecify.annotations.NullMarked;
