package dev.evenkeel.console.breakit;

import dev.evenkeel.accounts.Audit;
import dev.evenkeel.console.Display;
import dev.evenkeel.database.ConnectionPools;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Whether the books sum to zero, by the audit of the whole ledger. It is repeated while it is
 * looked at, and rests ten times as long as it took, so that it never costs much.
 */
@BreakItPart
@Component
@Order(1)
class BooksBalance implements Measurement {

  private static final Logger log = LoggerFactory.getLogger(BooksBalance.class);

  private static final Duration MIN_REST = Duration.ofSeconds(2);
  private static final int REST_PER_AUDIT = 10;

  private final Audit audit;
  private final AtomicBoolean running = new AtomicBoolean();
  private volatile @Nullable Long restsUntil;
  private volatile Promise last = Promise.checking("being audited");

  BooksBalance(Audit audit) {
    this.audit = audit;
  }

  @Override
  public List<String> names() {
    return List.of("The books sum to zero");
  }

  /** An audit covers everything, and what it has found says when. */
  @Override
  public void startFrom(Instant time) {}

  @Override
  public List<Promise> measure() {
    Long until = restsUntil;
    boolean due = until == null || nanoTime() - until >= 0;
    if (due && running.compareAndSet(false, true)) {
      Thread.ofPlatform()
          .daemon()
          .name("break-it-audit")
          .start(() -> ConnectionPools.asRequest(this::audit));
    }
    return List.of(last);
  }

  private void audit() {
    long began = nanoTime();
    Promise found;
    long rest = MIN_REST.toNanos();
    try {
      found = promise(report());
      rest = Math.max(rest, REST_PER_AUDIT * (nanoTime() - began));
    } catch (RuntimeException | Error failed) {
      log.debug("No audit: {}", failed.toString());
      found = afterFailure(last);
    }
    restsUntil = nanoTime() + rest;
    last = found;
    running.set(false);
  }

  Audit.Report report() {
    return audit.check();
  }

  long nanoTime() {
    return System.nanoTime();
  }

  /** What an audit has found stays until another one finds otherwise. */
  static Promise afterFailure(Promise last) {
    return last.state() == Promise.State.BROKEN ? last : Promise.UNMEASURABLE;
  }

  static Promise promise(Audit.Report report) {
    long entries = report.currencies().stream().mapToLong(Audit.CurrencyTotal::entries).sum();
    if (!report.balanced()) {
      return Promise.broken("the audit found differences", report.checkedAt());
    }
    String audited =
        entries == 0 ? "nothing posted yet" : Display.count(entries) + " entries audited";
    return Promise.kept(audited, report.checkedAt());
  }
}
