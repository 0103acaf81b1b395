package dev.evenkeel.console.breakit;

// part of notifications
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.console.breakit.Promise.State;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ToldOnceInTimeTests {

  private static Promise after(Duration lag, int givenUp) {
    return ToldOnceInTime.inTime(lag, givenUp, Instant.EPOCH);
  }

  @Test
  void lateIsNotBroken() {
    assertThat(after(Duration.ZERO, 0).state()).isEqualTo(State.KEPT);
    assertThat(after(Duration.ofSeconds(6), 0).state()).isEqualTo(State.CHECKING);
  }

  @Test
  void whatIsGivenUpIsNeverTold() {
    Promise broken = after(Duration.ZERO, 1);

    assertThat(broken.state()).isEqualTo(State.BROKEN);
    assertThat(broken.detail()).isEqualTo("1 event was given up");
    assertThat(after(Duration.ZERO, 2).detail()).isEqualTo("2 events were given up");
  }
}
// end of notifications
