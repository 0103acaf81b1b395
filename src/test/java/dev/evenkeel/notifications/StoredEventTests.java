package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.payments.PaymentEvent;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentKind;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** The events as JSON. A stored event may have been written by a previous version. */
class StoredEventTests {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final UUID ID = UUID.fromString("0190a5c6-0000-7000-8000-000000000001");

  static Stream<Arguments> keepTheirForm() {
    var account = new AccountId(ID);
    var transfer = new TransferId(ID);
    var payment = new PaymentId(ID);
    var party = new TransfersPosted.Party(account, "ada", "Main");
    var reversal = new TransfersPosted.Posted(transfer, party, party, 1, "EUR", transfer);
    return Stream.of(
        arguments(
            new AccountFrozen(ID, account, "Main", "ada", NOW, null),
            """
            {"id": "{id}", "account": "{id}", "accountName": "Main", "owner": "ada",
             "at": "2026-01-01T00:00:00Z", "traceparent": null}
            """),
        arguments(
            new TransfersPosted(ID, List.of(reversal), NOW, null),
            """
            {"id": "{id}",
             "transfers": [{"transfer": "{id}",
                            "from": {"account": "{id}", "owner": "ada", "name": "Main"},
                            "to": {"account": "{id}", "owner": "ada", "name": "Main"},
                            "amount": 1, "currency": "EUR", "reversalOf": "{id}"}],
             "at": "2026-01-01T00:00:00Z", "traceparent": null}
            """),
        arguments(
            new PaymentEvent(
                ID,
                payment,
                PaymentKind.REFUND,
                payment,
                PaymentEvent.Type.SUCCEEDED,
                null,
                account,
                "Main",
                "ada",
                1,
                "EUR",
                NOW,
                null),
            """
            {"id": "{id}", "payment": "{id}", "kind": "REFUND", "refundOf": "{id}",
             "type": "SUCCEEDED", "failureCode": null, "account": "{id}", "accountName": "Main",
             "owner": "ada", "amount": 1, "currency": "EUR", "at": "2026-01-01T00:00:00Z",
             "traceparent": null}
            """));
  }

  @ParameterizedTest
  @MethodSource
  void keepTheirForm(Object event, String form) {
    String stored = form.replace("{id}", ID.toString());

    assertThat(JSON.readTree(JSON.writeValueAsString(event))).isEqualTo(JSON.readTree(stored));
    assertThat(JSON.readValue(stored, event.getClass())).isEqualTo(event);
  }
}
