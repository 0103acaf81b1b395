package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** One idempotency key has one outcome: one transfer or one refusal. */
@WholeApplication
class TransferKeyTests {

  @LocalServerPort int port;

  Api ada;
  Api bob;
  UUID from;
  UUID to;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    from = ada.openAccount(1000);
    to = bob.openAccount(0);
  }

  /** Neither quotes around the key nor the order of the fields make another request. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "key   | {'from':'%1$s', 'to':'%2$s', 'amount':10, 'currency':'EUR'}",
        "\"key\" | {'currency':'EUR', 'amount':10, 'to':'%2$s', 'from':'%1$s'}"
      },
      quoteCharacter = '`')
  void replaysTheTransfer(String key, String request) {
    Api.Answer first = ada.transfer("key", from, to, 10);

    Api.Answer second =
        ada.post("/v1/transfers", key, request.replace('\'', '"').formatted(from, to));

    assertThat(first.isReplay()).isFalse();
    assertThat(second.status()).as(second.toString()).isEqualTo(200);
    assertThat(second.isReplay()).isTrue();
    assertThat(second.header("Location")).isEqualTo(first.header("Location"));
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(bob.posted(to)).isEqualTo(10);
  }

  @Test
  void rejectsADifferentRequest() {
    ada.transfer("once", from, to, 10);

    Api.Answer answer = ada.transfer("once", from, to, 11);

    assertRefused(answer, 422, "idempotency-key-reused", "new-key");
    assertThat(answer.isReplay()).isFalse();
    assertThat(bob.posted(to)).isEqualTo(10);
  }

  @Test
  void separatesOwnersAndOperations() {
    UUID hold = ada.hold(from, to, 10).id();

    assertThat(ada.transfer("key", from, to, 10).status()).isEqualTo(201);
    assertThat(bob.transfer("key", to, from, 10).status()).isEqualTo(201);
    assertThat(ada.postEmpty("/v1/holds/" + hold + "/capture", "key").status()).isEqualTo(201);
  }

  @Test
  void replaysARefusal() {
    UUID empty = bob.openAccount(0);
    Api.Answer refused = bob.transfer("too-early", empty, from, 500);
    ada.transfer(from, empty, 1000);

    assertRefused(refused, 422, "insufficient-funds", "new-key");
    assertThat(refused.body().at("/available").asLong(-1)).isZero();
    assertThat(refused.body().at("/required").asLong(-1)).isEqualTo(500);
    assertReplayed(bob.transfer("too-early", empty, from, 500), refused);
    assertThat(bob.posted(empty)).isEqualTo(1000);
    assertThat(bob.transfer("new-attempt", empty, from, 500).status()).isEqualTo(201);
  }

  @Test
  void storesNothingForAnUnknownAccount() {
    Api.Answer unknown = ada.transfer("found-later", from, UUID.randomUUID(), 10);

    assertRefused(unknown, 422, "account-not-found", "no");
    assertThat(ada.transfer("found-later", from, to, 10).status()).isEqualTo(201);
  }
}
