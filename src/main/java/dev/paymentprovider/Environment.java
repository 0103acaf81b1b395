package dev.paymentprovider;

import dev.paymentprovider.Fault.Mode;
import java.time.Duration;
import java.time.Instant;

/** What the record of operations needs of the world, which a simulation replaces. */
interface Environment {

  Instant now();

  void later(Duration delay, Runnable work);

  /** The address of the page on which a customer decides the operation with this id. */
  String actionPage(String id);

  /** Sends a webhook about the operation with this reference. */
  void sendWebhook(String reference, Mode mode);
}
