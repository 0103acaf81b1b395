package dev.planted.payments;

import dev.paymentprovider.PaymentProvider;
import dev.planted.accounts.AccountOpened;
import org.springframework.modulith.events.ApplicationModuleListener;

/** Knows the stand-in for the provider, and hears of an event with entities. */
record Checkout(PaymentProvider provider) {

  @ApplicationModuleListener
  void on(AccountOpened event) {
    throw new UnsupportedOperationException(event.toString());
  }
}
