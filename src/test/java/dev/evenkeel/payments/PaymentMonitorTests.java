package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.database.Ids;
import dev.evenkeel.payments.PaymentMonitor.Progress;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** What pages see of many payments. */
@WholeApplication
class PaymentMonitorTests extends PaymentFixture {

  @Autowired PaymentMonitor monitor;

  private static List<UUID> ids(List<Progress> payments) {
    return payments.stream().map(it -> it.id().value()).toList();
  }

  @Test
  void showsTheFirstOfEachSpanAndTheNewest() {
    List<UUID> made = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      made.addFirst(paidIn(100 + i));
    }
    Duration span = Duration.ofDays(365);

    List<Progress> shown = monitor.latest(api.caller(), Instant.now(), span, 2, 2);

    assertThat(ids(shown)).containsExactly(made.get(0), made.get(1), made.getLast());
    assertThat(shown.getFirst().status()).isEqualTo(PaymentStatus.SUCCEEDED);
    assertThat(shown.getFirst().attemptedAt()).as("its attempt").hasSize(1);
    assertThat(monitor.latest("nobody", Instant.now(), span, 2, 2)).isEmpty();
  }

  @Test
  void showsNeitherRefusalsNorRefunds() {
    assertThat(api.payOut(newKey(), account, 1, "tok_ok").status()).isEqualTo(422);
    UUID payment = paidIn(100);
    assertThat(api.refund(payment, 50).status()).isEqualTo(201);

    assertThat(ids(monitor.latest(api.caller(), Instant.now(), Duration.ofMillis(1), 20_000, 1)))
        .containsExactly(payment);
  }

  @Test
  void listsWhatCameAfterAnIdAndFindsItAgain() {
    UUID before = Ids.next();
    PaymentId payment = new PaymentId(paidIn(100));

    assertThat(ids(monitor.after(new PaymentId(before), 1000))).contains(payment.value());
    assertThat(monitor.after(new PaymentId(Ids.LAST), 1000)).isEmpty();
    assertThat(monitor.find(List.of(payment)))
        .singleElement()
        .satisfies(it -> assertThat(it.operation()).startsWith("op_"));
  }

  /** Otherwise a page of refusals would look like the end, and its cursor would stay. */
  @Test
  void aPageIsFullInSpiteOfRefusals() {
    UUID before = Ids.next();
    assertThat(api.payOut(newKey(), account, 1, "tok_ok").status()).isEqualTo(422);
    UUID payment = paidIn(100);

    assertThat(ids(monitor.after(new PaymentId(before), 1))).containsExactly(payment);
  }

  @Test
  void whatWaitsForADecisionIsNotUnfinished() {
    PaymentId payment = new PaymentId(api.payIn(account, 100, "tok_async").id());

    assertThat(monitor.find(List.of(payment)))
        .singleElement()
        .satisfies(it -> assertThat(it.undecided()).isTrue());
    assertThat(monitor.countUnfinished(Duration.ZERO, 10)).isZero();
  }

  @Test
  void countsWhatIsUnknownForLong() throws SQLException {
    simulator.misbehave("hang");
    PaymentId payment = new PaymentId(api.payIn(account, 100, "tok_ok").id());
    api.payIn(account, 100, "tok_ok");

    assertThat(monitor.countUnfinished(Duration.ZERO, 10)).isEqualTo(2);
    assertThat(monitor.countUnfinished(Duration.ZERO, 1)).as("its limit").isOne();
    assertThat(monitor.countUnfinished(Duration.ofHours(1), 10)).isZero();
    change(payment.value(), "attention = '{EXPIRED_KEY}'");
    assertThat(monitor.countUnfinished(Duration.ZERO, 10)).as("with a decision").isOne();
    change(payment.value(), "attention = null");
  }
}
