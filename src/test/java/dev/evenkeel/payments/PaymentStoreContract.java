package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.FollowUp;
import dev.evenkeel.payments.state.AttentionReasons;
import dev.evenkeel.payments.state.Timeline;
import dev.evenkeel.payments.state.WaitingOperation;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What payments rely on in their store. The database and the simulated store both keep it. */
interface PaymentStoreContract {

  PaymentRepository payments();

  /** The gateway that took the payments. */
  String PROVIDER = "simulator";

  /** The owner of all payments of a test. */
  String owner();

  /** Runs work in a transaction of its own. */
  <T> T inTransaction(Supplier<T> work);

  /** Runs work while another transaction holds the lock of a payment. */
  void whileLocked(UUID payment, Runnable work) throws Exception;

  private PaymentRequest request(@Nullable PaymentId refundOf, String key) {
    boolean refund = refundOf != null;
    return new PaymentRequest(
        new IdempotentRequest(owner(), new IdempotencyKey(key), Fingerprint.of(key)),
        new AccountId(UUID.randomUUID()),
        refund ? PaymentKind.REFUND : PaymentKind.PAY_IN,
        Money.of(100, "EUR"),
        refund ? null : "tok_ok",
        refundOf,
        null,
        null,
        null,
        false);
  }

  /** Stores a payment that is due since its creation. */
  private UUID store(PaymentRequest request, Duration age, Consumer<Payment> change) {
    return inTransaction(() -> {
      Instant created = payments().now().minus(age);
      Payment payment =
          payments().saveAndFlush(new Payment(request, PROVIDER, null, null, created));
      change.accept(payment);
      return payment.getId().value();
    });
  }

  private UUID payIn(Duration age) {
    return store(request(null, UUID.randomUUID().toString()), age, _ -> {});
  }

  private UUID refund(UUID payment, PaymentStatus status) {
    PaymentRequest request = request(new PaymentId(payment), UUID.randomUUID().toString());
    return store(request, Duration.ZERO, it -> enter(it, status));
  }

  private static void enter(Payment payment, PaymentStatus status) {
    if (status == PaymentStatus.RETURNED) {
      EntityState.set(EntityState.money(payment), "returned", payment.getAmount());
    }
    if (status.hasSucceeded()) {
      Object timeline = Objects.requireNonNull(EntityState.get(payment, "timeline"));
      ((Timeline) timeline).note(status, payment.getCreatedAt(), "Succeeded or returned");
    }
    EntityState.set(payment, "status", status);
    if (status.isFinal()) {
      EntityState.set(payment, "finalAt", payment.getCreatedAt());
      EntityState.set(payment.calls(), "nextAttemptAt", null);
    }
  }

  private void change(UUID id, Consumer<Payment> change) {
    inTransaction(() -> {
      Payment payment = payments().lock(id).orElseThrow();
      change.accept(payment);
      return payment;
    });
  }

  private Payment find(UUID id) {
    return inTransaction(() -> payments().findById(id).orElseThrow());
  }

  private Optional<UUID> nextDue() {
    return inTransaction(() -> payments().lockNextDue(PROVIDER, true, true));
  }

  private static @Nullable Object call(Payment payment, String field) {
    return EntityState.get(payment.calls(), field);
  }

  @Test
  default void storesPaymentWithItsTimeline() {
    UUID id =
        store(request(null, "key"), Duration.ZERO, it -> it.waitForProvider(it.getCreatedAt()));

    Payment found =
        inTransaction(
            () -> payments().findByKey(owner(), false, new IdempotencyKey("key")).orElseThrow());

    assertThat(found.getId().value()).isEqualTo(id);
    assertThat(found.getStatus()).isEqualTo(PaymentStatus.PENDING);
    assertThat(found.getTimeline()).hasSize(1);
  }

  @Test
  default void storesNothingAfterRollback() {
    UUID id = payIn(Duration.ZERO);

    assertThatThrownBy(() ->
            change(
                id,
                it -> {
                  EntityState.set(it.calls(), "attempts", 1);
                  payments().flush();
                  throw new IllegalStateException("on purpose");
                }))
        .hasMessage("on purpose");

    assertThat(find(id).attempts()).isZero();
  }

  @Test
  default void keepsKeysOfPaymentsAndRefundsApart() {
    UUID id = store(request(null, "key"), Duration.ZERO, _ -> {});

    assertThatThrownBy(() -> store(request(null, "key"), Duration.ZERO, _ -> {}))
        .isInstanceOf(RuntimeException.class);
    store(
        request(new PaymentId(id), "key"), Duration.ZERO, it -> enter(it, PaymentStatus.SUCCEEDED));
    assertThat(payments().findByKey(owner(), true, new IdempotencyKey("key"))).isPresent();
  }

  @Test
  default void locksTheOneThatIsDueForLongest() throws Exception {
    UUID later = payIn(Duration.ofDays(3650));
    UUID earlier = payIn(Duration.ofDays(3651));

    assertThat(nextDue()).contains(earlier);
    whileLocked(earlier, () -> assertThat(nextDue()).contains(later));
  }

  @Test
  default void passesOverWhatIsClaimedOrNotDue() {
    UUID claimed = payIn(Duration.ofDays(3651));
    change(
        claimed,
        it -> {
          it.claim(payments().now(), Duration.ofMinutes(1), _ -> "{}");
          EntityState.set(it.calls(), "nextAttemptAt", it.getCreatedAt());
        });
    UUID later = payIn(Duration.ofDays(-1));
    UUID due = payIn(Duration.ofDays(3650));

    assertThat(nextDue()).contains(due);
    change(due, it -> enter(it, PaymentStatus.SUCCEEDED));
    assertThat(nextDue()).isNotIn(Optional.of(claimed), Optional.of(later));
  }

  @Test
  default void asksBeforeOthersWhatTheProviderHasNewsOf() {
    UUID first = payIn(Duration.ofDays(3651));
    UUID hinted = payIn(Duration.ofDays(3650));
    change(hinted, it -> EntityState.set(it.calls(), "hinted", true));

    assertThat(nextDue()).contains(hinted);
    change(hinted, it -> enter(it, PaymentStatus.SUCCEEDED));
    assertThat(nextDue()).contains(first);
  }

  @Test
  default void locksOnlyWhatMayBeCalledFor() {
    UUID unsent = payIn(Duration.ofDays(3651));
    UUID sent = payIn(Duration.ofDays(3650));
    change(sent, it -> enter(it, PaymentStatus.PROCESSING));

    assertThat(inTransaction(() -> payments().lockNextDue(PROVIDER, false, true))).contains(sent);
    assertThat(inTransaction(() -> payments().lockNextDue(PROVIDER, true, false))).contains(unsent);
  }

  @Test
  default void postponesAndAsksForAnOperatorAfterTenFailures() {
    UUID id = payIn(Duration.ofDays(3651));

    for (int failures = 1; failures <= 10; failures++) {
      assertThat(find(id).getAttention()).isNull();
      Instant before = payments().now();
      assertThat(inTransaction(() -> payments().postpone(id))).isEqualTo(failures);
      assertThat(call(find(id), "failures")).isEqualTo(failures);
      assertThat((Instant) call(find(id), "nextAttemptAt"))
          .isAfterOrEqualTo(before.plusSeconds(1L << (failures - 1)));
    }

    assertThat(find(id).getAttention()).isEqualTo(Attention.UNREADABLE);
    assertThat(nextDue()).isNotEqualTo(Optional.of(id));
  }

  @Test
  default void locksOnlyWhatIsFree() throws Exception {
    UUID id = payIn(Duration.ZERO);

    assertThat(inTransaction(() -> payments().lockIfFree(id))).contains(id);
    whileLocked(id, () -> assertThat(inTransaction(() -> payments().lockIfFree(id))).isEmpty());
  }

  @Test
  default void hintMakesAnyButTheRefusedDue() {
    UUID waiting = payIn(Duration.ofDays(-1));
    UUID refused =
        store(request(null, "refused"), Duration.ZERO, it -> it.refuse("{}", it.getCreatedAt()));

    inTransaction(() -> {
      payments().hint(waiting);
      payments().hint(refused);
      payments().hint(UUID.randomUUID());
      return waiting;
    });

    assertThat((Instant) call(find(waiting), "nextAttemptAt")).isBeforeOrEqualTo(payments().now());
    assertThat(call(find(waiting), "hinted")).isEqualTo(true);
    assertThat(call(find(refused), "hinted")).isEqualTo(false);
  }

  @Test
  default void writesOnlyWhatChanged() {
    UUID id = payIn(Duration.ofDays(-1));

    inTransaction(() -> {
      Payment payment = payments().findById(id).orElseThrow();
      inTransaction(() -> {
        payments().hint(id);
        return id;
      });
      EntityState.set(payment, "attention", AttentionReasons.NONE.and(Attention.REJECTED));
      return payment;
    });

    assertThat(find(id).getAttention()).isEqualTo(Attention.REJECTED);
    assertThat(call(find(id), "hinted")).isEqualTo(true);
  }

  @Test
  default void keepsTheStateThatItReadFirst() {
    UUID id = payIn(Duration.ZERO);

    PaymentStatus seen =
        inTransaction(() -> {
          payments().findById(id).orElseThrow();
          change(id, it -> enter(it, PaymentStatus.SUCCEEDED));
          return payments().lock(id).orElseThrow().getStatus();
        });

    assertThat(seen).isEqualTo(PaymentStatus.PENDING);
  }

  @Test
  default void locksOnlyPaymentsOfTheProvider() {
    UUID id = payIn(Duration.ofDays(3652));

    assertThat(inTransaction(() -> payments().lockNextDue("another", true, true))).isEmpty();
    assertThat(nextDue()).contains(id);
  }

  @Test
  default void findsWhatTimeAloneEnds() {
    UUID young = payIn(Duration.ofMinutes(59));
    UUID old = payIn(Duration.ofMinutes(61));
    UUID sent = payIn(Duration.ofMinutes(61));
    change(sent, it -> enter(it, PaymentStatus.PROCESSING));
    UUID forgotten = payIn(Duration.ofHours(23));
    change(forgotten, it -> enter(it, PaymentStatus.PROCESSING));
    UUID attended = payIn(Duration.ofHours(23));
    change(
        attended,
        it -> EntityState.set(it, "attention", AttentionReasons.NONE.and(Attention.REJECTED)));
    UUID returned = payIn(Duration.ZERO);
    change(returned, it -> enter(it, PaymentStatus.RETURNED));
    UUID refund = refund(returned, PaymentStatus.PENDING);
    UUID inPart = payIn(Duration.ZERO);
    change(inPart, it -> enter(it, PaymentStatus.SUCCEEDED));
    UUID covered = refund(inPart, PaymentStatus.PENDING);
    UUID partly = payIn(Duration.ZERO);
    change(
        partly,
        it -> {
          enter(it, PaymentStatus.SUCCEEDED);
          EntityState.set(EntityState.money(it), "returned", 1L);
        });
    UUID uncovered = refund(partly, PaymentStatus.PENDING);

    assertThat(payments().findExpired(new UUID(0, 0), 3600, 23 * 3600, 24 * 3600))
        .contains(old, forgotten, refund, uncovered)
        .doesNotContain(young, sent, attended, returned, covered);
  }

  private UUID waiting(
      PaymentStatus status, Duration left, @Nullable FollowUp followUp, Duration asked) {
    UUID id = payIn(Duration.ofDays(3));
    change(
        id,
        it -> {
          Instant now = payments().now();
          enter(it, status);
          EntityState.set(it, "providerOperation", "op_1");
          EntityState.set(
              it,
              "waiting",
              new WaitingOperation(
                  now.plus(left),
                  status == PaymentStatus.REQUIRES_ACTION ? "http://bank.test/" : null,
                  followUp,
                  followUp == null ? null : now.minus(asked),
                  null));
        });
    return id;
  }

  @Test
  default void findsWhatHasWaitedTooLong() {
    Duration day = Duration.ofDays(1);
    UUID waits = waiting(PaymentStatus.REQUIRES_ACTION, day, null, day);
    UUID acted = waiting(PaymentStatus.PROCESSING, day, null, day);
    UUID asked = waiting(PaymentStatus.PROCESSING, day.negated(), FollowUp.CANCEL, Duration.ZERO);
    UUID abandoned = waiting(PaymentStatus.REQUIRES_ACTION, Duration.ZERO, null, day);
    UUID attended = waiting(PaymentStatus.PROCESSING, Duration.ZERO, null, day);
    change(
        attended,
        it -> EntityState.set(it, "attention", AttentionReasons.NONE.and(Attention.REJECTED)));
    UUID notDone = waiting(PaymentStatus.PROCESSING, day, FollowUp.CANCEL, day);

    assertThat(payments().findExpired(new UUID(0, 0), 3600, 23 * 3600, 24 * 3600))
        .contains(abandoned, attended, notDone)
        .doesNotContain(waits, acted, asked);
  }

  @Test
  default void knowsTheRefundsOfAPayment() {
    UUID payment = payIn(Duration.ZERO);
    change(payment, it -> enter(it, PaymentStatus.RETURNED));
    refund(payment, PaymentStatus.SUCCEEDED);
    refund(payment, PaymentStatus.CANCELED);
    UUID pending = refund(payment, PaymentStatus.PENDING);

    assertThat(inTransaction(() -> payments().sumOfRefunds(payment))).isEqualTo(200);
    assertThat(find(payment).getRefunded()).isEqualTo(100);
    assertThat(EntityState.money(find(pending)).uncoveredSince()).isNotNull();
  }

  /** A call for the other refund may have been made until then. */
  @Test
  default void isUncoveredSinceARefundTookTheRest() {
    UUID payment = payIn(Duration.ofMinutes(10));
    change(payment, it -> enter(it, PaymentStatus.SUCCEEDED));
    UUID pending = refund(payment, PaymentStatus.PENDING);
    assertThat(EntityState.money(find(pending)).uncoveredSince()).isNull();

    UUID taking = refund(payment, PaymentStatus.SUCCEEDED);

    assertThat(EntityState.money(find(pending)).uncoveredSince())
        .isEqualTo(find(taking).getCreatedAt());
  }
}
