package dev.evenkeel.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.testing.ConsumedEvents;
import dev.testing.TestServices;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.modulith.test.ApplicationModuleTest;

/** The module alone, and the events that it publishes. */
@ApplicationModuleTest
@Import(TestServices.class)
class AccountsModuleTests {

  @Autowired Accounts accounts;
  @Autowired Transfers transfers;
  @Autowired Holds holds;
  @Autowired ConsumedEvents<TransfersPosted> published;

  @TestConfiguration(proxyBeanMethods = false)
  static class Consumer {

    @Bean
    ConsumedEvents<TransfersPosted> published() {
      return new ConsumedEvents<>(TransfersPosted.class);
    }
  }

  Account ada;
  Account bob;

  @BeforeEach
  void openAccounts() {
    ada = open("ada");
    bob = open("bob");
  }

  private Account open(String owner) {
    IdempotentRequest request =
        new IdempotentRequest(
            owner, new IdempotencyKey(UUID.randomUUID().toString()), Fingerprint.of(owner));
    Outcome<Account> outcome =
        accounts.open(new Accounts.Opening(request, owner, "EUR", 100, true));
    return ((Outcome.Done<Account>) outcome).result();
  }

  @Test
  void publishesTransfers() {
    PostingRequest.Transfer request =
        new PostingRequest.Transfer(
            key(PostingRequest.Operation.TRANSFER),
            Fingerprint.of("transfer"),
            ada.id(),
            bob.id(),
            Money.of(100, "EUR"),
            null,
            null,
            Map.of());

    assertPublished(() -> transfers.submit(request));
  }

  @Test
  void publishesCapturesAsTransfers() {
    PostingRequest.Hold request =
        new PostingRequest.Hold(
            key(PostingRequest.Operation.HOLD),
            Fingerprint.of("hold"),
            ada.id(),
            bob.id(),
            Money.of(100, "EUR"),
            null,
            Duration.ofDays(1));
    Hold hold = ((Outcome.Done<Hold>) holds.place(request)).result();

    assertPublished(() ->
        holds.capture(
            new PostingRequest.Capture(
                key(PostingRequest.Operation.CAPTURE),
                Fingerprint.of("capture"),
                hold.id(),
                null)));
  }

  private void assertPublished(Supplier<Outcome<Transfer>> useCase) {
    useCase.get();

    TransfersPosted event =
        published.first(it -> it.transfers().getFirst().from().account().equals(ada.id()));
    assertThat(event.transfers()).hasSize(1);
    TransfersPosted.Posted posted = event.transfers().getFirst();
    assertThat(posted.from()).isEqualTo(new TransfersPosted.Party(ada.id(), "ada", "ada"));
    assertThat(posted.to()).isEqualTo(new TransfersPosted.Party(bob.id(), "bob", "bob"));
    assertThat(posted.amount()).isEqualTo(100);
  }

  private static PostingRequest.Key key(PostingRequest.Operation operation) {
    return operation.key("ada", new IdempotencyKey(UUID.randomUUID().toString()));
  }
}
