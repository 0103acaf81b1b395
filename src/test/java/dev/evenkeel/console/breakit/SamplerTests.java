package dev.evenkeel.console.breakit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SamplerTests {

  /** Fails once, as a class does that cannot be loaded. */
  private static final class Failing implements Measurement {
    final AtomicInteger begun = new AtomicInteger();

    @Override
    public List<String> names() {
      return List.of("promise");
    }

    @Override
    public void startFrom(Instant time) {
      if (begun.incrementAndGet() == 1) {
        throw new LinkageError("expected by the test");
      }
    }

    @Override
    public List<Promise> measure() {
      return List.of(Promise.kept("all", Instant.now()));
    }
  }

  /** What else it reads is missing, so it is unknown. */
  @Test
  @SuppressWarnings("NullAway")
  void goesOnAfterAnError() {
    Failing measurement = new Failing();
    Sampler sampler =
        new Sampler(
            new SimulatorClient(URI.create("http://localhost:1")),
            List.of(measurement),
            null,
            null);

    await()
        .dontCatchUncaughtExceptions()
        .untilAsserted(() ->
            assertThat(sampler.latest().promises())
                .extracting(it -> it.promise().state())
                .containsExactly(Promise.State.KEPT));

    assertThat(measurement.begun).hasValue(2);
    sampler.destroy();
  }

  @Test
  @SuppressWarnings("NullAway")
  void saysWhatCannotBeMeasured() {
    Measurement unreadable =
        new Measurement() {
          @Override
          public List<String> names() {
            return List.of("promise");
          }

          @Override
          public void startFrom(Instant time) {}

          @Override
          public List<Promise> measure() {
            throw new IllegalStateException("expected by the test");
          }
        };
    Sampler sampler =
        new Sampler(
            new SimulatorClient(URI.create("http://localhost:1")), List.of(unreadable), null, null);

    await()
        .untilAsserted(() ->
            assertThat(sampler.latest().promises())
                .extracting(Sample.Named::promise)
                .containsExactly(Promise.UNMEASURABLE));
    sampler.destroy();
  }

  /** As after a measurement that hangs. */
  @Test
  @SuppressWarnings("NullAway")
  void doesNotShowAnOldSample() {
    AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    Sampler sampler =
        new Sampler(
            new SimulatorClient(URI.create("http://localhost:1")),
            List.of(new Failing()),
            null,
            null) {
          @Override
          Instant now() {
            return super.now().plus(ahead.get());
          }
        };
    await()
        .dontCatchUncaughtExceptions()
        .untilAsserted(() ->
            assertThat(sampler.latest().promises())
                .extracting(it -> it.promise().state())
                .containsExactly(Promise.State.KEPT));

    ahead.set(Sample.FRESH.plusMinutes(1));

    assertThat(sampler.latest().promises())
        .extracting(Sample.Named::promise)
        .containsExactly(Promise.UNKNOWN);
    sampler.destroy();
  }

  @Test
  void anOldSampleSaysNothing() {
    Instant taken = Instant.now();
    Sample sample = new Sample("none", List.of(), 0, null, taken);

    assertThat(sample.isStale(taken.plus(Sample.FRESH))).isFalse();
    assertThat(sample.isStale(taken.plus(Sample.FRESH).plusMillis(1))).isTrue();
  }
}
