package dev.evenkeel.payments;

import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Recovery goes on until nothing is due: one payment in each sweep would take too long here. */
@WholeApplication
class PaymentRecoveryTests extends PaymentFixture {

  private static final int MANY = 200;

  private UUID first;
  private UUID last;

  @BeforeEach
  void leaveTwoToRecovery() throws SQLException {
    keepAway();
    keepFromExpiring(true);
    first = api.payIn(account, 100, "tok_ok").id();
    last = api.payIn(account, 1000, "tok_ok").id();
  }

  @AfterEach
  void expireByTheClockAgain() throws SQLException {
    keepFromExpiring(false);
  }

  @Test
  void whatHasExpiredKeepsNothingWaitingThatStandsBehindIt() throws SQLException {
    change(first, "created_at = created_at - interval '2 h', next_attempt_at = created_at");
    repeat(first, MANY);

    letThrough();

    awaitStatus(last, "succeeded");
    awaitStatus(first, "failed");
    assertBalance(1000, 0);
  }

  @Test
  void whatFailsKeepsNothingWaitingThatStandsBehindIt() throws SQLException {
    change(first, "account = gen_random_uuid()");
    repeat(first, MANY);

    letThrough();

    awaitStatus(last, "succeeded");
    assertBalance(1000, 0);
    asOwner(
        """
        update payments.payment set account = '%s', claimed_until = null, next_attempt_at = now()
        where owner = '%s' and final_at is null
        """
            .formatted(account, api.caller()));
  }
}
