package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.testing.ConsumedEvents;
import dev.testing.TestServices;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.modulith.test.ApplicationModuleTest;
import org.springframework.modulith.test.ApplicationModuleTest.BootstrapMode;

/** The module on top of the ledger, without notifications: a payment ends with an event. */
@ApplicationModuleTest(mode = BootstrapMode.DIRECT_DEPENDENCIES)
@Import(TestServices.class)
class PaymentsModuleTests {

  @Autowired Accounts accounts;
  @Autowired Payments payments;
  @Autowired ConsumedEvents<PaymentEvent> published;

  @TestConfiguration(proxyBeanMethods = false)
  static class Consumer {

    @Bean
    ConsumedEvents<PaymentEvent> published() {
      return new ConsumedEvents<>(PaymentEvent.class);
    }
  }

  private static IdempotentRequest request() {
    return new IdempotentRequest(
        "ada", new IdempotencyKey(UUID.randomUUID().toString()), Fingerprint.of("any"));
  }

  @ParameterizedTest
  @CsvSource({"tok_ok, SUCCEEDED, , 1250", "tok_insufficient, FAILED, insufficient_funds, 0"})
  void publishesOutcome(
      String instrument, PaymentEvent.Type type, String failureCode, long posted) {
    var opening = new Accounts.Opening(request(), "Main", "EUR", 0, false);
    Account account = ((Outcome.Done<Account>) accounts.open(opening)).result();
    Money money = Money.of(1250, "EUR");

    payments.accept(
        new PaymentRequest(
            request(),
            account.id(),
            PaymentKind.PAY_IN,
            money,
            instrument,
            null,
            null,
            null,
            null,
            false));

    PaymentEvent event = published.first(it -> it.account().equals(account.id()));
    assertThat(event.type()).isEqualTo(type);
    assertThat(event.failureCode()).isEqualTo(failureCode);
    assertThat(event.kind()).isEqualTo(PaymentKind.PAY_IN);
    assertThat(event.amount()).isEqualTo(1250);
    assertThat(event.accountName()).isEqualTo("Main");
    assertThat(accounts.find(account.id()).orElseThrow().posted()).isEqualTo(posted);
  }
}
