package dev.evenkeel.payments.provider;

import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the provider's settlement report. Only one reconciliation at a time asks for it, so
 * neither bulkhead nor breaker applies.
 */
public final class SettlementReport implements AutoCloseable {

  /** Lines in one answer, so that the answer stays small: a line has about 350 B. */
  private static final int PAGE_SIZE = 100;

  private final ProviderSettings settings;
  private final Wire wire;
  private final World world;

  public SettlementReport(ProviderSettings settings, ObservationRegistry observations) {
    this(settings, new ProviderConnection(settings, observations), new World() {});
  }

  SettlementReport(ProviderSettings settings, Wire wire, World world) {
    this.settings = settings;
    this.wire = wire;
    this.world = world;
  }

  /**
   * Fetches a page of the provider's operations of a time span, in order. After "too many requests"
   * it waits, for at most a minute in all, and pauses no payments.
   *
   * @param after the last operation of the previous page; null for the first page
   * @throws IOException without a complete and well-formed answer
   */
  public ReportPage page(Instant from, Instant to, @Nullable String after) throws IOException {
    String path = "/operations?from=" + from + "&to=" + to + "&limit=" + PAGE_SIZE;
    if (after != null) {
      path += "&after=" + URLEncoder.encode(after, StandardCharsets.UTF_8);
    }
    HttpResponse<byte[]> answer = get(path);
    Duration left = RetryAfter.MAX;
    while (answer.statusCode() == 429 && left.compareTo(RetryAfter.pause(answer)) >= 0) {
      Duration pause = RetryAfter.pause(answer);
      long began = world.nanoTime();
      world.sleep(pause);
      answer = get(path);
      Duration took = Duration.ofNanos(world.nanoTime() - began);
      left = left.minus(took.compareTo(pause) > 0 ? took : pause);
    }
    if (answer.statusCode() != 200) {
      throw new IOException("the provider answered " + answer.statusCode());
    }
    return ResponseParser.report(answer.body());
  }

  private HttpResponse<byte[]> get(String path) throws IOException {
    return wire.get("report", path, settings.reportTimeout());
  }

  /** How long after its acceptance a payment may still be sent, at most. */
  public Duration longestDelay() {
    return settings.keyRetention().multipliedBy(2);
  }

  @Override
  public void close() {
    wire.close();
  }
}
