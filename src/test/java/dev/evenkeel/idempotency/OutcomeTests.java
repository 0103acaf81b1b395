package dev.evenkeel.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import org.junit.jupiter.api.Test;

class OutcomeTests {

  private static final Fingerprint REQUEST = Fingerprint.of("request");
  private static final Problem REFUSAL = Problem.of(CommonProblem.FORBIDDEN, "no");

  @Test
  void replaysTheResultToTheSameRequest() {
    assertThat(Outcome.replay(REQUEST, REQUEST, null, () -> "made"))
        .isEqualTo(new Outcome.Replayed<>("made"));
  }

  @Test
  void replaysTheRefusalToTheSameRequest() {
    assertThat(Outcome.replay(REQUEST, REQUEST, REFUSAL, OutcomeTests::unread))
        .isEqualTo(new Outcome.Refused<>(REFUSAL, true));
  }

  @Test
  void rejectsADifferentRequestUnderTheKey() {
    Fingerprint other = Fingerprint.of("other");

    assertThat(Outcome.replay(REQUEST, other, null, OutcomeTests::unread))
        .isEqualTo(Outcome.keyReused());
    assertThat(Outcome.replay(REQUEST, other, REFUSAL, OutcomeTests::unread))
        .isEqualTo(Outcome.keyReused());
  }

  private static String unread() {
    throw new AssertionError("the result must not be read");
  }
}
