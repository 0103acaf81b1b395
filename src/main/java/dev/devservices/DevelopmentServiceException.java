package dev.devservices;

import org.jspecify.annotations.Nullable;

/** Says why a development service can't start, and what to do about it. */
class DevelopmentServiceException extends RuntimeException {

  final String action;

  DevelopmentServiceException(String description, String action, @Nullable Throwable cause) {
    super(description, cause);
    this.action = action;
  }
}
