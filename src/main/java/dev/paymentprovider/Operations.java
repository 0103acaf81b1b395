package dev.paymentprovider;

import dev.paymentprovider.Operation.Kind;
import dev.paymentprovider.Operation.Status;
import dev.paymentprovider.OperationsFile.Line;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The provider's books. One key does one thing, however often and however concurrently it arrives.
 */
final class Operations implements Closeable {

  private static final Duration SLOW_INSTRUMENT = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final OperationsFile file;
  private final Faults faults;
  private final Lifetime lifetime;
  private final Clock clock;
  private final Map<String, Line> byId = new LinkedHashMap<>();
  private final Map<String, String> idByKey = new HashMap<>();
  private final KeysInFlight inFlight = new KeysInFlight(PATIENCE);

  Operations(OperationsFile file, Faults faults, Lifetime lifetime, Clock clock)
      throws IOException {
    this.file = file;
    this.faults = faults;
    this.lifetime = lifetime;
    this.clock = clock;
    file.read().forEach(this::remember);
  }

  Outcome perform(String key, OperationRequest request) {
    if (!inFlight.enter(key)) {
      return new Outcome.InProgress();
    }
    try {
      var known = recall(key, request);
      if (known != null) {
        return known;
      }
      if ("tok_slow".equals(request.instrument())) {
        lifetime.pause(SLOW_INSTRUMENT);
      }
      return new Outcome.Done(decide(key, request), true);
    } finally {
      inFlight.leave(key);
    }
  }

  private synchronized @Nullable Outcome recall(String key, OperationRequest request) {
    var line = remembered(key);
    if (line == null) {
      return null;
    }
    return request.equals(line.request())
        ? new Outcome.Done(line.operation(), false)
        : new Outcome.KeyReused();
  }

  /** What a caller who asks by key is told; null for "never seen". */
  synchronized @Nullable Operation find(String key) {
    var line = remembered(key);
    return line == null ? null : line.operation();
  }

  synchronized @Nullable Operation byId(String id) {
    var line = byId.get(id);
    return line == null ? null : line.operation();
  }

  /** Everything that fits, in the order it was done, forgotten keys included. */
  synchronized List<Operation> list(Predicate<Operation> wanted) {
    return byId.values().stream().map(Line::operation).filter(wanted).toList();
  }

  /** Decides a pending operation; null if it was decided before. */
  synchronized @Nullable Operation approve(String id) {
    var line = byId.get(id);
    if (line == null || !line.operation().is(Status.PENDING)) {
      return null;
    }
    return record(line.operation().withStatus(Status.APPROVED), line.request());
  }

  /** Takes an approved operation back, in full; null if there is nothing to take back. */
  synchronized @Nullable Operation takeBack(String id) {
    var original = byId(id);
    if (original == null || original.kind() == Kind.RETURN || !stands(original)) {
      return null;
    }
    return record(original.reversedAt(now()), null);
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }

  private synchronized Operation decide(String key, OperationRequest request) {
    var charge = request.charge() == null ? null : charge(request.charge());
    var code = request.kind() == Kind.REFUND ? objection(request, charge) : objection(request);
    var status =
        "tok_async".equals(request.instrument())
            ? Status.PENDING
            : code == null ? Status.APPROVED : Status.DECLINED;
    var of = charge == null ? null : charge.id();
    return record(Operation.of(key, request, status, code, of, now()), request);
  }

  private static @Nullable String objection(OperationRequest request) {
    return switch (request.instrument()) {
      case "tok_declined" -> "card_declined";
      case "tok_insufficient" -> "insufficient_funds";
      case null, default -> null;
    };
  }

  private @Nullable String objection(OperationRequest refund, @Nullable Operation charge) {
    if (charge == null) {
      return "charge_not_found";
    }
    if (!charge.currency().equals(refund.currency())) {
      return "currency_mismatch";
    }
    return refund.amount() > refundable(charge) ? "refund_exceeds_charge" : null;
  }

  private long refundable(Operation charge) {
    if (!stands(charge)) {
      return 0;
    }
    var refunds = list(it -> it.kind() == Kind.REFUND && charge.id().equals(it.of()) && stands(it));
    return charge.amount() - refunds.stream().mapToLong(Operation::amount).sum();
  }

  private @Nullable Operation charge(String idOrKey) {
    var found = byId(idByKey.getOrDefault(idOrKey, idOrKey));
    return found != null && found.kind() == Kind.CHARGE ? found : null;
  }

  private static boolean stands(Operation operation) {
    return operation.is(Status.APPROVED) && operation.returned() == null;
  }

  private @Nullable Line remembered(String key) {
    var id = idByKey.get(key);
    var line = id == null ? null : byId.get(id);
    var retention = faults.current().keyRetention();
    if (line == null || retention == null) {
      return line;
    }
    return line.operation().at().plusSeconds(retention).isAfter(clock.instant()) ? line : null;
  }

  /** Written first, then remembered: what a caller was told survives a restart. */
  private Operation record(Operation operation, @Nullable OperationRequest request) {
    var line = new Line(operation, request);
    try {
      file.append(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    remember(line);
    return operation;
  }

  private void remember(Line line) {
    var operation = line.operation();
    if (byId.put(operation.id(), line) == null) {
      idByKey.put(operation.key(), operation.id());
    }
    if (operation.kind() == Kind.RETURN && operation.of() != null) {
      byId.computeIfPresent(
          operation.of(),
          (id, taken) -> new Line(taken.operation().withReturn(operation), taken.request()));
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
