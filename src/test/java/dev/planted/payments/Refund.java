package dev.planted.payments;

import io.github.resilience4j.circuitbreaker.annotation.CircuitBreaker;

/** Trusts in an aspect. */
class Refund {

  @CircuitBreaker(name = "provider")
  void send() {
    throw new UnsupportedOperationException();
  }
}
