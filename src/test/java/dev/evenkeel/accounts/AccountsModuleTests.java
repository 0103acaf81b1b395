package dev.evenkeel.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.testing.TestServices;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.modulith.test.ApplicationModuleTest;
import org.springframework.modulith.test.Scenario;

/** The module alone: money moves, and an event tells. */
@ApplicationModuleTest
@Import(TestServices.class)
class AccountsModuleTests {

  @Autowired Accounts accounts;
  @Autowired Transfers transfers;

  private Account open(String owner, long overdraftLimit) {
    Outcome<Account> outcome =
        accounts.open(
            new Accounts.Opening(
                new IdempotentRequest(
                    owner, new IdempotencyKey(UUID.randomUUID().toString()), Fingerprint.of(owner)),
                owner,
                "EUR",
                overdraftLimit,
                true));
    return ((Outcome.Done<Account>) outcome).result();
  }

  @Test
  void aTransferIsAnnouncedToBothSides(Scenario scenario) {
    Account from = open("ada", 100);
    Account to = open("bob", 0);
    PostingRequest.Transfer posting =
        new PostingRequest.Transfer(
            PostingRequest.Operation.TRANSFER.key(
                "ada", new IdempotencyKey(UUID.randomUUID().toString())),
            Fingerprint.of("transfer"),
            from.id(),
            to.id(),
            Money.of(100, "EUR"),
            null,
            null,
            Map.of());

    scenario
        .stimulate(_ -> transfers.submit(posting))
        .andWaitForEventOfType(TransfersPosted.class)
        .toArriveAndVerify(event -> {
          assertThat(event.transfers()).hasSize(1);
          TransfersPosted.Posted told = event.transfers().getFirst();
          assertThat(told.from()).isEqualTo(new TransfersPosted.Party(from.id(), "ada", "ada"));
          assertThat(told.to()).isEqualTo(new TransfersPosted.Party(to.id(), "bob", "bob"));
          assertThat(told.amount()).isEqualTo(100);
        });
  }
}
