package dev.drills;

import dev.testing.Api;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Sends requests at a steady rate, each when it is due, whether or not the earlier ones have been
 * answered. Latencies count from when a request was due.
 */
public final class Traffic implements AutoCloseable {

  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();

  private record Sample(long nanos, String answer) {}

  /**
   * What happened within some time.
   *
   * @param unexpected answers that are no 2xx
   */
  public record Result(long[] sortedNanos, List<String> unexpected) {

    /** Milliseconds, which this share of the requests did not exceed. */
    public double millis(double share) {
      return sortedNanos[(int) (share * (sortedNanos.length - 1))] / 1e6;
    }

    @Override
    public String toString() {
      return "%d requests, p50 %.1f ms, p99 %.1f ms, longest %.1f ms"
          .formatted(sortedNanos.length, millis(0.5), millis(0.99), millis(1));
    }
  }

  public Traffic(int perSecond, IntFunction<Api.Answer> request) {
    long pause = TimeUnit.SECONDS.toNanos(1) / perSecond;
    AtomicInteger next = new AtomicInteger();
    long start = System.nanoTime();
    clock.scheduleAtFixedRate(
        () -> {
          int number = next.getAndIncrement();
          threads.execute(() -> send(number, start + number * pause, request));
        },
        0,
        pause,
        TimeUnit.NANOSECONDS);
  }

  private void send(int number, long due, IntFunction<Api.Answer> request) {
    String answer = answer(number, request);
    samples.add(new Sample(System.nanoTime() - due, answer));
  }

  private static String answer(int number, IntFunction<Api.Answer> request) {
    try {
      return request.apply(number).toString();
    } catch (RuntimeException none) {
      return "no answer: " + none;
    }
  }

  /** Of this long, from now on. */
  public Result during(Duration time) throws Exception {
    samples.clear();
    return clock.schedule(this::soFar, time.toNanos(), TimeUnit.NANOSECONDS).get();
  }

  /** Since the last measurement began. */
  public Result soFar() {
    List<Sample> seen = List.copyOf(samples);
    return new Result(
        seen.stream().mapToLong(Sample::nanos).sorted().toArray(),
        seen.stream().map(Sample::answer).filter(it -> !it.startsWith("2")).toList());
  }

  /** Waits for what is under way. */
  @Override
  public void close() {
    clock.shutdownNow();
    threads.close();
  }
}
