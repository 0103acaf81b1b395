/** Derives the OpenAPI document from what the controllers, records and annotations say. */
@NullMarked
package dev.evenkeel.http.openapi;

import org.jspecify.annotations.NullMarked;
