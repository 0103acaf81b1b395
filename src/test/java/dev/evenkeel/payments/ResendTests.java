package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.WholeApplication;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A payment is sent again with the body of the first time, whichever release wrote that. */
@WholeApplication
class ResendTests extends PaymentFixture {

  private static final String BODY =
      "{\"reference\":\"%s\",\"amount\":%d,\"currency\":\"EUR\",\"%s\":\"%s\"}";

  @Test
  void resendsThePaymentAnEarlierReleaseSent() throws SQLException {
    simulator.misbehave("hang");
    UUID id = api.payIn(account, 1250, "tok_ok").id();
    assertThat(is(id, sent(BODY.formatted(id, 1250, "instrument", "tok_ok")))).isTrue();

    change(id, earlier(BODY.formatted(id, 1250, "instrument", "tok_declined")));
    simulator.heal();

    awaitStatus(id, "failed");
    assertThat(is(id, "failure_code = 'card_declined' and sent_body is null")).isTrue();
  }

  @Test
  void resendsTheRefundAnEarlierReleaseSent() throws SQLException {
    UUID paid = paidIn(1250);
    simulator.misbehave("hang");
    UUID id = api.refund(paid, 300).id();
    assertThat(is(id, sent(BODY.formatted(id, 300, "charge", paid)))).isTrue();

    change(id, earlier(BODY.formatted(id, 300, "charge", "unknown")));
    simulator.heal();

    awaitStatus(path(paid, id), "failed");
    assertThat(is(id, "failure_code = 'card_declined' and sent_body is null")).isTrue();
  }

  @Test
  void forgetsTheBodyThatWasNeverSent() throws IOException, SQLException {
    refuseConnections(Duration.ofSeconds(3));

    UUID id = api.payIn(account, 1250, "tok_ok").id();

    assertThat(is(id, "status = 'PENDING' and sent_body is null")).isTrue();
  }

  private static String sent(String body) {
    return "sent_body = '" + body + "'";
  }

  private static String earlier(String body) {
    return "sent_body = '" + body + "'";
  }
}
