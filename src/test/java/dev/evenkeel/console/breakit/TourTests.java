package dev.evenkeel.console.breakit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.console.breakit.Tour.Step;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TourTests {

  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

  private final Tour tour = new Tour();

  private static Sample sample(
      @Nullable String fault, @Nullable Integer unfinished, Promise promise) {
    return new Sample(fault, List.of(new Sample.Named("promise", promise)), unfinished, null, NOW);
  }

  private static Sample sample(@Nullable String fault) {
    return sample(fault, 3, Promise.UNKNOWN);
  }

  private static Promise keptAt(Instant time) {
    return Promise.kept("all", time);
  }

  private void untilHealed() {
    tour.follow(true, sample("none"), false, NOW);
    tour.follow(true, sample("hang"), true, NOW);
    assertThat(tour.follow(true, sample("none"), true, NOW)).isEqualTo(Step.CONVERGE);
  }

  @Test
  void followsWhatHappens() {
    assertThat(tour.follow(false, sample("none"), false, NOW)).isEqualTo(Step.LOAD);
    assertThat(tour.follow(true, sample("none"), false, NOW)).isEqualTo(Step.HANG);
    assertThat(tour.follow(true, sample("hang"), false, NOW)).isEqualTo(Step.WATCH);
    assertThat(tour.follow(true, sample("hang"), true, NOW)).isEqualTo(Step.HEAL);
    assertThat(tour.follow(true, sample("none"), true, NOW)).isEqualTo(Step.CONVERGE);
  }

  /** After a restart, say: the provider may still be as it was. */
  @Test
  void beginsWithTheHealIfTheProviderIsBroken() {
    assertThat(tour.follow(false, sample("hang"), true, NOW)).isEqualTo(Step.HEAL);
  }

  @Test
  void goesBackIfTheLoadEndsBeforeTheProviderHangs() {
    tour.follow(true, sample("none"), false, NOW);

    assertThat(tour.follow(false, sample("none"), false, NOW)).isEqualTo(Step.LOAD);
  }

  @Test
  void isNotOverBeforeAllIsKeptSinceTheHeal() {
    untilHealed();
    Instant later = NOW.plusSeconds(1);

    assertThat(tour.follow(true, sample("none", 1, keptAt(later)), false, later))
        .as("unfinished payments")
        .isEqualTo(Step.CONVERGE);
    assertThat(tour.follow(true, sample("none", 0, keptAt(NOW)), false, later))
        .as("kept before the heal")
        .isEqualTo(Step.CONVERGE);
    assertThat(tour.follow(true, sample("none", null, keptAt(later)), false, later))
        .as("payments are not counted")
        .isEqualTo(Step.CONVERGE);
    assertThat(tour.follow(true, sample("none", 0, Promise.UNKNOWN), false, later))
        .as("not measured")
        .isEqualTo(Step.CONVERGE);
    assertThat(tour.follow(true, sample("none", 0, Promise.broken("x", later)), false, later))
        .as("broken")
        .isEqualTo(Step.CONVERGE);
    assertThat(tour.follow(true, new Sample("none", List.of(), 0, null, later), false, later))
        .as("nothing is measured")
        .isEqualTo(Step.CONVERGE);
    assertThat(tour.follow(true, sample("none", 0, keptAt(later)), false, later))
        .isEqualTo(Step.DONE);
  }

  @Test
  void goesBackIfTheProviderIsBrokenAgain() {
    untilHealed();

    assertThat(tour.follow(true, sample("hang"), true, NOW)).isEqualTo(Step.HEAL);
  }

  @Test
  void staysWhereItIsWhileTheSimulatorDoesNotAnswer() {
    untilHealed();

    assertThat(tour.follow(true, sample(null), false, NOW)).isEqualTo(Step.CONVERGE);
  }

  @Test
  void isOverOnlyWhileAllIsWell() {
    untilHealed();
    Instant later = NOW.plusSeconds(1);
    Sample well = sample("none", 0, keptAt(later));
    Sample broken = sample("none", 0, Promise.broken("one differs", later));
    assertThat(tour.follow(false, well, false, later)).isEqualTo(Step.DONE);

    assertThat(tour.follow(false, broken, false, later)).isEqualTo(Step.CONVERGE);
    assertThat(tour.follow(false, well, false, later)).isEqualTo(Step.DONE);
    assertThat(tour.follow(false, sample("hang"), false, later)).isEqualTo(Step.HEAL);
  }

  @Test
  void beginsAnew() {
    untilHealed();

    tour.restart();

    assertThat(tour.follow(false, sample("none"), false, NOW)).isEqualTo(Step.LOAD);
  }
}
