package dev.evenkeel.payments;

import static dev.evenkeel.payments.PaymentStatus.CANCELED;
import static dev.evenkeel.payments.PaymentStatus.FAILED;
import static dev.evenkeel.payments.PaymentStatus.PENDING;
import static dev.evenkeel.payments.PaymentStatus.PROCESSING;
import static dev.evenkeel.payments.PaymentStatus.REFUSED;
import static dev.evenkeel.payments.PaymentStatus.SUCCEEDED;
import static java.util.Comparator.comparing;

import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.payments.state.WaitingOperation;
import dev.testing.simulation.SimulatedDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The store of payments in memory. It behaves as the database and Hibernate do: a transaction reads
 * what was committed, keeps the first state that it read, writes only what it changed, and waits
 * for locks.
 */
final class SimulatedPayments implements PaymentRepository {

  private final SimulatedDatabase database;
  private final SimulatedDatabase.Table<UUID, Payment> rows;
  private final Set<UUID> unreadable = new HashSet<>();
  private int ids;

  SimulatedPayments(SimulatedDatabase database) {
    this.database = database;
    this.rows = new SimulatedDatabase.Table<>(database);
  }

  /** The payments that every transaction sees. Nobody may change them. */
  List<Payment> committed() {
    return rows.committed();
  }

  @Nullable Payment committed(UUID id) {
    return rows.committed(id);
  }

  /** Lets the application find these payments as if a newer release had written them. */
  Set<UUID> unreadable() {
    return unreadable;
  }

  /** A payment that a transaction has read, and its state when it was read or last written. */
  private record Managed(Payment entity, Payment stored) {}

  private Map<UUID, Managed> managed() {
    return database.required().attached(this, HashMap::new);
  }

  private Payment manage(UUID id) {
    SimulatedDatabase.Transaction transaction = database.current();
    if (transaction == null) {
      return read(id);
    }
    if (managed().isEmpty()) {
      transaction.beforeCommit(this::flush);
    }
    return managed()
        .computeIfAbsent(
            id,
            _ -> {
              Payment entity = read(id);
              return new Managed(entity, EntityState.copy(entity));
            })
        .entity();
  }

  private Payment read(UUID id) {
    Payment entity = EntityState.copy(Objects.requireNonNull(rows.get(id)));
    EntityState.set(EntityState.money(entity), "refunded", sum(refunds(id).filter(is(SUCCEEDED))));
    EntityState.set(EntityState.money(entity), "uncoveredSince", uncoveredSince(entity));
    if (unreadable.contains(id)) {
      EntityState.set(entity, "status", PaymentStatus.UNREADABLE);
    }
    return entity;
  }

  private @Nullable Instant uncoveredSince(Payment refund) {
    PaymentId id = refund.getPayment();
    Payment payment = id == null ? null : Objects.requireNonNull(rows.get(id.value()));
    return payment == null || isCovered(refund, payment)
        ? null
        : Stream.concat(Stream.of(payment), refunds(id(payment)).filter(is(SUCCEEDED)))
            .flatMap(it -> it.getTimeline().stream())
            .map(TimelineEntry::at)
            .max(Comparator.naturalOrder())
            .orElse(null);
  }

  private boolean isCovered(Payment refund, Payment payment) {
    long refunded = sum(refunds(id(payment)).filter(is(SUCCEEDED)));
    return payment.getStatus().hasSucceeded()
        && payment.moved() - payment.getReturned() - refunded >= refund.getAmount();
  }

  private Stream<Payment> refunds(UUID id) {
    return rows.all().stream()
        .filter(it -> it.getPayment() != null && it.getPayment().value().equals(id));
  }

  private static long sum(Stream<Payment> payments) {
    return payments.mapToLong(it -> it.moved() - it.getReturned()).sum();
  }

  private static Predicate<Payment> is(PaymentStatus... statuses) {
    return payment -> Set.of(statuses).contains(payment.getStatus());
  }

  private static UUID id(Payment payment) {
    return payment.getId().value();
  }

  static @Nullable Instant nextAttemptAt(Payment payment) {
    return (Instant) EntityState.get(payment.calls(), "nextAttemptAt");
  }

  private static Object call(Payment payment, String field) {
    return Objects.requireNonNull(EntityState.get(payment.calls(), field));
  }

  private boolean isClaimed(Payment payment) {
    return payment.calls().isClaimed(now());
  }

  @Override
  public Payment saveAndFlush(Payment payment) {
    UUID id = new UUID(((long) ++ids << 16) | 0x7000, 1L << 63);
    EntityState.set(payment, "id", id);
    String key =
        payment.getOwner()
            + (payment.getKind() == PaymentKind.REFUND)
            + payment.request().keyed().key().value();
    // A unique key: waits for the transaction that takes it, too.
    database.lock(key);
    boolean refund = payment.getKind() == PaymentKind.REFUND;
    if (findByKey(payment.getOwner(), refund, payment.request().keyed().key()).isPresent()) {
      throw new ConcurrentRequestException("another request has taken the key");
    }
    database.lock(id);
    rows.put(id, EntityState.copy(payment));
    if (managed().isEmpty()) {
      database.required().beforeCommit(this::flush);
    }
    managed().put(id, new Managed(payment, EntityState.copy(payment)));
    return payment;
  }

  @Override
  public void flush() {
    managed()
        .replaceAll((id, it) -> {
          if (EntityState.isEqual(it.stored(), it.entity())) {
            return it;
          }
          change(id, row -> EntityState.write(it.stored(), it.entity(), row));
          return new Managed(it.entity(), EntityState.copy(it.entity()));
        });
  }

  private void change(UUID id, Consumer<Payment> change) {
    database.lock(id);
    Payment row = EntityState.copy(Objects.requireNonNull(rows.get(id)));
    change.accept(row);
    rows.put(id, row);
  }

  /** Rows as a query sees them, to which what was changed is written first. */
  private Stream<Payment> query() {
    if (database.current() != null) {
      flush();
    }
    return rows.all().stream();
  }

  @Override
  public Optional<Payment> findById(UUID id) {
    return rows.get(id) == null ? Optional.empty() : Optional.of(manage(id));
  }

  @Override
  public Optional<Payment> findWithoutTimeline(UUID id) {
    return findById(id);
  }

  @Override
  public Optional<Payment> findByKey(String owner, boolean refund, IdempotencyKey key) {
    return query()
        .filter(it -> it.getOwner().equals(owner) && it.request().keyed().key().equals(key))
        .filter(it -> (it.getKind() == PaymentKind.REFUND) == refund)
        .findFirst()
        .map(it -> manage(id(it)));
  }

  @Override
  public Optional<Payment> lockAndRead(UUID id) {
    database.lock(id);
    return findById(id);
  }

  @Override
  public Optional<UUID> lockIfFree(UUID id) {
    return rows.get(id) != null && database.lockIfFree(id) ? Optional.of(id) : Optional.empty();
  }

  @Override
  public Optional<UUID> lockNextDue(String provider, boolean unsent, boolean sent) {
    return query()
        .filter(it -> isDue(it) && !isClaimed(it) && it.provider().equals(provider))
        .filter(it -> it.getStatus() == PENDING ? unsent : sent)
        .sorted(
            comparing((Payment it) -> call(it, "hinted").equals(false))
                .thenComparing(it -> Objects.requireNonNull(nextAttemptAt(it))))
        .map(SimulatedPayments::id)
        .filter(database::lockIfFree)
        .findFirst();
  }

  private boolean isDue(Payment payment) {
    Instant next = nextAttemptAt(payment);
    return next != null && !next.isAfter(now());
  }

  @Override
  public void hint(UUID id) {
    Payment payment = rows.get(id);
    if (payment != null && payment.getStatus() != REFUSED) {
      change(
          id,
          row -> {
            EntityState.set(row.calls(), "hinted", true);
            EntityState.set(row.calls(), "nextAttemptAt", now());
          });
    }
  }

  @Override
  public void hint(String operation) {
    rows.all().stream()
        .filter(it -> operation.equals(it.providerOperation()))
        .forEach(it -> hint(it.getId().value()));
  }

  @Override
  public int postpone(UUID id) {
    change(
        id,
        row -> {
          int failures = (int) call(row, "failures");
          long seconds = Math.min(1L << Math.min(failures, 12), 3600);
          EntityState.set(row.calls(), "failures", failures + 1);
          EntityState.set(row.calls(), "hinted", false);
          EntityState.set(row.calls(), "nextAttemptAt", now().plusSeconds(seconds));
          if (failures == 9) {
            EntityState.set(row, "attention", row.attention().and(Attention.UNREADABLE));
          }
        });
    return (int) call(Objects.requireNonNull(rows.get(id)), "failures");
  }

  @Override
  public List<UUID> findExpired(
      UUID after, long payInExpirySeconds, long keyMemorySeconds, long followUpSeconds) {
    return query()
        .filter(it -> !it.getStatus().isFinal())
        .filter(it -> id(it).compareTo(after) > 0 && !isClaimed(it))
        .filter(it ->
            it.getAttention() == null
                || hasExpired(it.waiting()) && !it.attention().contains(Attention.UNREADABLE))
        .filter(it -> call(it, "failures").equals(0) || isDue(it))
        .filter(it ->
            it.getKind() == PaymentKind.PAY_IN
                    && it.getStatus() == PENDING
                    && isPast(it.getCreatedAt(), payInExpirySeconds)
                || it.getStatus() == PENDING && isUncoveredRefund(it)
                || hasWaitedTooLong(it, keyMemorySeconds, followUpSeconds))
        .map(SimulatedPayments::id)
        .sorted()
        .limit(100)
        .toList();
  }

  private boolean hasWaitedTooLong(Payment payment, long keyMemorySeconds, long followUpSeconds) {
    Instant asked = payment.getFollowUpAt();
    if (asked != null) {
      return isPast(asked, followUpSeconds);
    }
    return payment.waiting() == null
        ? isPast(
            Objects.requireNonNullElse(payment.calls().firstSentAt(), payment.getCreatedAt()),
            keyMemorySeconds)
        : hasExpired(payment.waiting());
  }

  private boolean hasExpired(@Nullable WaitingOperation waiting) {
    return waiting != null && waiting.followUp() == null && isPast(waiting.expiresAt(), 0);
  }

  private boolean isUncoveredRefund(Payment payment) {
    return payment.getPayment() != null
        && !isCovered(payment, Objects.requireNonNull(rows.get(payment.getPayment().value())));
  }

  private boolean isPast(Instant since, long seconds) {
    return !since.plusSeconds(seconds).isAfter(now());
  }

  @Override
  public boolean existsUnfinished(UUID account) {
    return query()
        .anyMatch(it -> it.getAccount().value().equals(account) && !it.getStatus().isFinal());
  }

  @Override
  public long sumOfRefunds(UUID payment) {
    query();
    return sum(refunds(payment).filter(is(FAILED, CANCELED, REFUSED).negate()));
  }

  @Override
  public @Nullable Double oldestUnresolvedSeconds() {
    return query()
        .filter(is(PENDING, PROCESSING))
        .filter(it -> call(it, "undecided").equals(false))
        .map(it -> Duration.between(it.getCreatedAt(), now()).toMillis() / 1000.0)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  @Override
  public long countByAttentionIsNotNull() {
    return query().filter(it -> it.getAttention() != null).count();
  }

  @Override
  public Instant now() {
    return database.now();
  }

  @Override
  public List<Payment> findByIdInOrderByIdDesc(Collection<UUID> ids) {
    List<UUID> found = new ArrayList<>(ids);
    found.removeIf(id -> rows.get(id) == null);
    found.sort(Comparator.reverseOrder());
    return found.stream().map(this::manage).toList();
  }

  @Override
  public List<UUID> listUnresolved(UUID after, int limit) {
    return query()
        .filter(it -> is(PENDING, PROCESSING).test(it) || it.getAttention() != null)
        .map(SimulatedPayments::id)
        .filter(it -> it.compareTo(after) < 0)
        .sorted(Comparator.reverseOrder())
        .limit(limit)
        .toList();
  }

  @Override
  public List<UUID> listNeedingDecision(int limit) {
    return query()
        .filter(it -> it.getAttention() != null)
        .map(SimulatedPayments::id)
        .sorted(Comparator.reverseOrder())
        .limit(limit)
        .toList();
  }

  @Override
  public long countByCalls_UndecidedIsTrueAndFinalAtIsNull() {
    throw notSimulated();
  }

  @Override
  public List<UUID> list(
      String owner,
      @Nullable UUID account,
      @Nullable String status,
      @Nullable String reference,
      @Nullable String key,
      UUID after,
      int limit) {
    throw notSimulated();
  }

  @Override
  public List<UUID> listRefunds(UUID payment, UUID after, int limit) {
    throw notSimulated();
  }

  private static UnsupportedOperationException notSimulated() {
    return new UnsupportedOperationException("only shown to people, so not simulated");
  }
}
