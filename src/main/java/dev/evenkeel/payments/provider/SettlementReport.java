package dev.evenkeel.payments.provider;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the provider's settlement report. Only one reconciliation at a time asks for it, so
 * neither bulkhead nor breaker applies.
 */
public final class SettlementReport {

  private final ProviderSettings settings;
  private final Gateway gateway;
  private final World world;

  public SettlementReport(ProviderSettings settings, Gateway gateway, World world) {
    this.settings = settings;
    this.gateway = gateway;
    this.world = world;
  }

  /** The name of the gateway whose report it is. */
  public String name() {
    return gateway.name();
  }

  /**
   * Fetches a page of the provider's operations of a time span, see {@link Gateway#list}. After
   * "too many requests" it waits, for at most a minute in all, and pauses no payments.
   */
  public ReportPage page(Instant from, Instant to, @Nullable String after) throws IOException {
    Duration left = RetryAfter.MAX;
    while (true) {
      long began = world.nanoTime();
      try {
        return gateway.list(from, to, after, settings.reportTimeout());
      } catch (TooManyRequestsException busy) {
        if (left.compareTo(busy.pause()) < 0) {
          throw busy;
        }
        world.sleep(busy.pause());
        Duration took = Duration.ofNanos(world.nanoTime() - began);
        left = left.minus(took.compareTo(busy.pause()) > 0 ? took : busy.pause());
      }
    }
  }

  /** See {@link Gateway#balances}. */
  public List<ProviderBalance> balances() throws IOException {
    return gateway.balances(settings.reportTimeout());
  }

  /** How long after its acceptance a payment may still be sent, at most. */
  public Duration longestDelay() {
    return settings.keyRetention().multipliedBy(2);
  }
}
