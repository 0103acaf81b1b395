package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.testing.TestServices;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.modulith.test.ApplicationModuleTest;
import org.springframework.modulith.test.ApplicationModuleTest.BootstrapMode;
import org.springframework.modulith.test.Scenario;

/** The module over the ledger, without notifications: a payment is made, and an event tells. */
@ApplicationModuleTest(mode = BootstrapMode.DIRECT_DEPENDENCIES)
@Import(TestServices.class)
class PaymentsModuleTests {

  @Autowired Accounts accounts;
  @Autowired Payments payments;

  private Account account() {
    Outcome<Account> outcome =
        accounts.open(
            new Accounts.Opening(
                new IdempotentRequest(
                    "ada", new IdempotencyKey(UUID.randomUUID().toString()), Fingerprint.of("x")),
                "Main",
                "EUR",
                0,
                false));
    return ((Outcome.Done<Account>) outcome).result();
  }

  private Outcome<Payment> payIn(Account account, String instrument) {
    return payments.accept(
        new PaymentRequest(
            new IdempotentRequest(
                "ada", new IdempotencyKey(UUID.randomUUID().toString()), Fingerprint.of("pay-in")),
            account.id(),
            PaymentKind.PAY_IN,
            Money.of(1250, "EUR"),
            instrument,
            null,
            null,
            null,
            null));
  }

  @Test
  void aPaymentThatSucceedsIsAnnouncedWithItsAccount(Scenario scenario) {
    Account account = account();

    scenario
        .stimulate(_ -> payIn(account, "tok_ok"))
        .andWaitForEventOfType(PaymentEvent.class)
        .matching(event -> event.account().equals(account.id()))
        .toArriveAndVerify(event -> {
          assertThat(event.amount()).isEqualTo(1250);
          assertThat(event.accountName()).isEqualTo("Main");
          assertThat(accounts.find(account.id()).orElseThrow().posted()).isEqualTo(1250);
        });
  }

  @Test
  void aPaymentThatFailsIsAnnouncedWithItsReason(Scenario scenario) {
    Account account = account();

    scenario
        .stimulate(_ -> payIn(account, "tok_insufficient"))
        .andWaitForEventOfType(PaymentEvent.class)
        .matching(event -> event.account().equals(account.id()))
        .toArriveAndVerify(
            event -> assertThat(event.failureCode()).isEqualTo("insufficient_funds"));
  }
}
