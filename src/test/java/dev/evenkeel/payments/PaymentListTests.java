package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.withoutCircumstances;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only the owner and operators see a payment. */
@WholeApplication
class PaymentListTests extends PaymentFixture {

  private List<String> listed(Api caller, String query) {
    Api.Answer list = caller.get("/v1/payments" + query);
    assertThat(list.status()).as(list.toString()).isEqualTo(200);
    return list.body().at("/data").valueStream().map(it -> it.at("/id").asString()).toList();
  }

  private void assertListed(String query, UUID... ids) {
    assertThat(listed(api, query)).isEqualTo(List.of(ids).stream().map(UUID::toString).toList());
  }

  @Test
  void listsNewestFirstInPages() {
    List<String> made = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      made.addFirst(paidIn(i).toString());
    }

    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      Api.Answer page = api.get("/v1/payments?limit=2" + cursor);
      page.body().at("/data").forEach(it -> seen.add(it.at("/id").asString()));
      paidIn(100);
      cursor = page.body().at("/nextCursor").isNull() ? "" : "&cursor=" + page.at("/nextCursor");
    } while (!cursor.isEmpty());

    assertThat(seen).isEqualTo(made);
  }

  @Test
  void filters() {
    UUID other = api.openAccount(0);
    String key = newKey();
    UUID mine = api.payIn(key, account, 1, "tok_ok").id();
    UUID declined = api.payIn(account, 2, "tok_declined").id();
    UUID elsewhere = api.payIn(other, 3, "tok_ok").id();
    UUID invoiced =
        api.post(
                "/v1/payments",
                Map.of(
                    "account", account,
                    "kind", "pay_in",
                    "amount", 4,
                    "currency", "EUR",
                    "instrument", "tok_ok",
                    "description", "For the invoice",
                    "reference", "invoice 7",
                    "metadata", Map.of("shop", "Berlin")))
            .id();
    api.refund(mine);

    assertListed("", invoiced, elsewhere, declined, mine);
    assertListed("?account=" + other, elsewhere);
    assertListed("?account=" + UUID.randomUUID());
    assertListed("?status=failed", declined);
    assertListed("?status=pending");
    assertListed("?account=" + account + "&status=succeeded", invoiced, mine);
    assertListed("?reference=invoice%207", invoiced);
    assertListed("?idempotencyKey=" + key, mine);
    assertThat(payment(invoiced).at("/metadata/shop").asString()).isEqualTo("Berlin");
    assertThat(payment(invoiced).at("/description").asString()).isEqualTo("For the invoice");
  }

  @Test
  void showsOnlyContractFields() {
    assertThat(payment(paidIn(1000)).propertyNames())
        .containsExactlyInAnyOrder(
            "id",
            "account",
            "kind",
            "amount",
            "refunded",
            "currency",
            "status",
            "returned",
            "createdAt",
            "finalAt",
            "timeline");
  }

  @Test
  void rejectsCursorOfOtherFilters() {
    paidIn(1);
    paidIn(2);
    String cursor = "&cursor=" + api.get("/v1/payments?limit=1").at("/nextCursor");

    assertRefused(api.get("/v1/payments?limit=1&status=failed" + cursor), 400, "invalid-request");
  }

  @Test
  void acceptsCursorOfEqualFilters() {
    UUID first = paidIn(1);
    paidIn(2);
    String filter = "/v1/payments?limit=1&account=";
    String cursor = "&cursor=" + api.get(filter + account).at("/nextCursor");

    Api.Answer page = api.get(filter + account.toString().toUpperCase(Locale.ROOT) + cursor);

    assertThat(page.at("/data/0/id")).as(page.toString()).isEqualTo(first.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status=refused",
        "status=SUCCEEDED",
        "status=",
        "account=1",
        "limit=0",
        "limit=101",
        "cursor=x",
        "reference=%00"
      })
  void rejectsInvalidQuery(String query) {
    assertRefused(api.get("/v1/payments?" + query), 400, "invalid-request");
  }

  @Test
  void operatorsListAnyOwner() {
    UUID mine = paidIn(1);

    assertThat(listed(operator, "?owner=" + api.caller())).containsExactly(mine.toString());
    assertThat(listed(operator, "?account=" + account)).isEmpty();
    assertThat(operator.get(path(mine)).status()).isEqualTo(200);
    assertRefused(new Api(port, "bob").get("/v1/payments?owner=" + api.caller()), 403, "forbidden");
  }

  @Test
  void hidesOtherOwnersPayments() {
    Api stranger = new Api(port, "stranger-" + UUID.randomUUID());
    openBreaker(true);
    UUID pending = api.payOut(api.openAccount(1000), 100, "tok_ok").id();
    openBreaker(false);
    awaitStatus(pending, "succeeded");
    UUID payment = paidIn(1000);
    UUID refund = api.refund(payment, 100).id();

    for (String below : List.of("", "/refunds", "/refunds/" + refund)) {
      assertAlike(
          stranger.get(path(payment) + below), stranger.get(path(UUID.randomUUID()) + below));
    }
    assertAlike(stranger.cancel(pending), stranger.cancel(UUID.randomUUID()));
    assertAlike(stranger.refund(payment), stranger.refund(UUID.randomUUID()));
    assertThat(withoutCircumstances(stranger.refund(payment, -1)))
        .isEqualTo(withoutCircumstances(stranger.refund(UUID.randomUUID(), -1)));
    assertThat(listed(stranger, "?account=" + account)).isEmpty();
    assertThat(refunded(payment)).isEqualTo(100);
  }

  private static void assertAlike(Api.Answer anothers, Api.Answer none) {
    assertRefused(anothers, 404, "not-found");
    assertThat(withoutCircumstances(anothers)).isEqualTo(withoutCircumstances(none));
  }
}
