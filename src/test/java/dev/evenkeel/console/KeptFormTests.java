package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.http.Caller;
import dev.evenkeel.idempotency.Outcome;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

/** Which forms are kept over a login, and for whom. */
class KeptFormTests {

  private final MockHttpServletRequest request =
      new MockHttpServletRequest("POST", TransferForm.PAGE);

  @Test
  void keepsWhatWasTypedAndTheKey() {
    request.setParameter("key", "a-key");
    request.setParameter("amount", "12.50", "99");
    request.setParameter("_csrf", "secret");
    request.setParameter("unknown", "x");

    KeptForm.keep(request);

    assertThat(Objects.requireNonNull(KeptForm.of(request)).typed())
        .containsEntry("key", "a-key")
        .containsEntry("amount", "12.50")
        .doesNotContainKeys("_csrf", "unknown");
  }

  @Test
  void belongsToThePersonWhoFilledItIn() {
    request.setParameter("person", "ada");
    KeptForm.keep(request);
    KeptForm kept = Objects.requireNonNull(KeptForm.of(request));

    assertThat(kept.belongsTo(TransferForm.PAGE, caller("ada"))).isTrue();
    assertThat(kept.belongsTo(TransferForm.PAGE, caller("bob"))).isFalse();
    assertThat(kept.belongsTo(PaymentForms.PAY_IN, caller("ada"))).isFalse();
  }

  @Test
  void keepsNoCardNumber() {
    request.setParameter("instrument", "4111-1111-1111-1111");
    KeptForm.keep(request);

    assertThat(Objects.requireNonNull(KeptForm.of(request)).typed()).isEmpty();
  }

  @Test
  void keepsNothingLong() {
    request.setParameter("description", "x".repeat(4096));
    KeptForm.keep(request);

    assertThat(request.getSession(false)).isNull();
  }

  @Test
  void keepsTheLastFormOnly() {
    KeptForm.keep(request);
    request.setRequestURI("/console/operations/adjustments");

    KeptForm.keep(request);

    assertThat(KeptForm.of(request)).isNull();
  }

  @Test
  void forgetsWhatWasSent() {
    KeptForm.keep(request);

    Submission.send(
        Form.empty(Map.of()), request, () -> new Outcome.Done<>("/console/transfers/1"));

    assertThat(KeptForm.of(request)).isNull();
  }

  @Test
  void keepsFormsOnly() {
    request.setRequestURI("/console/logout");
    KeptForm.keep(request);

    assertThat(request.getSession(false)).isNull();
  }

  private static Caller caller(String owner) {
    return new Caller(owner, Set.of(), Instant.MAX);
  }
}
