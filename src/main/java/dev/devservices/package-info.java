/**
 * Development services: {@code ./mvnw spring-boot:run} starts a real PostgreSQL and the provider
 * simulator with the application, so that it needs neither Docker nor a database. Inactive in the
 * packaged jar, which lacks the embedded PostgreSQL. No other package knows both the application
 * and the simulator.
 */
@NullMarked
package dev.devservices;

import org.jspecify.annotations.NullMarked;
