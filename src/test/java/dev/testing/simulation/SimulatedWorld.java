package dev.testing.simulation;

import dev.evenkeel.payments.provider.World;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.SplittableRandom;

/** Time that only the simulation moves, and chance that only the seed decides. */
public final class SimulatedWorld implements World {

  public static final Instant START = Instant.parse("2031-05-04T10:00:00Z");

  private final SplittableRandom chance;
  private Instant now = START;

  public SimulatedWorld(long seed) {
    this.chance = new SplittableRandom(seed);
  }

  public Instant now() {
    return now;
  }

  public void pass(Duration time) {
    now = now.plus(time);
  }

  @Override
  public long nanoTime() {
    return Duration.between(START, now).toNanos();
  }

  @Override
  public double random() {
    return chance.nextDouble();
  }

  /** Whether something happens that happens once in so many times. */
  public boolean onceIn(int times) {
    return chance.nextInt(times) == 0;
  }

  public int below(int bound) {
    return chance.nextInt(bound);
  }

  public <T> T oneOf(List<T> choices) {
    return choices.get(chance.nextInt(choices.size()));
  }

  public Duration upTo(Duration longest) {
    return Duration.ofMillis(chance.nextLong(longest.toMillis() + 1));
  }

  public Clock clock() {
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return now;
      }
    };
  }
}
