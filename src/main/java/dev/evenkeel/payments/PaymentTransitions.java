package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Books;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest.Settlement;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.events.Outbox;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.payments.provider.World;
import dev.evenkeel.payments.rules.Backoff;
import dev.evenkeel.payments.rules.LedgerEffect;
import dev.evenkeel.payments.rules.PaymentRules;
import dev.evenkeel.payments.rules.Transition;
import dev.evenkeel.payments.state.AttentionReasons;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Carries out what {@link PaymentRules} decided: the payment's change, its posting and its event
 * commit together. The caller holds the payment's lock.
 */
@Component
class PaymentTransitions {

  /** After so many attempts, a final payment without a clear answer is asked about rarely. */
  private static final int MAX_FREQUENT_ATTEMPTS = 20;

  private static final Logger log = LoggerFactory.getLogger(PaymentTransitions.class);

  private final PaymentRepository payments;
  private final Books books;
  private final Outbox outbox;
  private final PaymentsSettings settings;
  private final World world;
  private final TracePropagation traces;

  PaymentTransitions(
      PaymentRepository payments,
      Books books,
      Outbox outbox,
      PaymentsSettings settings,
      World world,
      TracePropagation traces) {
    this.payments = payments;
    this.books = books;
    this.outbox = outbox;
    this.settings = settings;
    this.world = world;
    this.traces = traces;
  }

  /**
   * @param now by the database's clock
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public void carryOut(Payment payment, Transition transition, Instant now) {
    AttentionReasons before = payment.attention();
    List<Movement> booked =
        payment.apply(
            transition,
            now,
            now.plus(pause(payment, transition, now)),
            now.plus(longestWait(transition)));
    switch (transition) {
      case Transition.End _ -> end(payment, booked, now);
      case Transition.Book _ -> book(payment, booked, now);
      case Transition.Wait wait when wait.alert() ->
          alert(
              payment,
              "Payment {} waits until something is changed here or at the provider: {}",
              payment.getId(),
              wait.reason());
      case Transition.RaiseAttention raised when !payment.attention().equals(before) ->
          alert(
              payment,
              "Payment {}, {}, needs a decision: {}",
              payment.getId(),
              payment.getStatus(),
              raised.note());
      case Transition _ -> {}
    }
  }

  /** Logs in the trace of the payment's request: jobs that find this out may have none. */
  private void alert(Payment payment, String message, Object... arguments) {
    traces.run("payments.alert", payment.traceparent(), () -> log.error(message, arguments));
  }

  private Duration pause(Payment payment, Transition transition, Instant now) {
    double random = world.random();
    return switch (transition) {
      case Transition.AwaitDecision _, Transition.RequireAction _ ->
          Backoff.whileUndecided(Duration.between(payment.getCreatedAt(), now), random);
      case Transition.Wait _
          when payment.getStatus().isFinal() && payment.attempts() > MAX_FREQUENT_ATTEMPTS ->
          Backoff.whileUndecided(Duration.between(payment.getCreatedAt(), now), random);
      case Transition.Wait wait -> Backoff.after(payment.attempts(), wait.notBefore(), random);
      case Transition _ -> Backoff.after(payment.attempts(), Duration.ZERO, random);
    };
  }

  /** How long the customer has to act, or the owner to capture. */
  private Duration longestWait(Transition transition) {
    return transition instanceof Transition.RequireAction
        ? settings.actionExpiry()
        : settings.authorizationExpiry();
  }

  private void end(Payment payment, List<Movement> more, Instant now) {
    payments.flush();
    Account account = books.account(payment.getAccount()).orElseThrow();
    switch (PaymentRules.ledgerEffect(payment.getKind(), payment.getStatus())) {
      case LedgerEffect.Settle(Settlement.Kind kind) -> {
        long amount = Math.min(payment.moved(), payment.getAmount());
        Settlement settlement =
            settlement(payment, account, kind, payment.getId().toString(), amount);
        Stream<Settlement> others = more.stream().map(it -> settlement(payment, account, it));
        post(payment, Stream.concat(Stream.of(settlement), others).toList(), now);
      }
      case LedgerEffect.ReleaseHold() -> books.release(Objects.requireNonNull(payment.hold()));
      case LedgerEffect.None() -> {}
    }
    outbox.publish(PaymentEvent.of(payment, account, now));
  }

  private void book(Payment payment, List<Movement> movements, Instant now) {
    payments.flush();
    Account account = books.account(payment.getAccount()).orElseThrow();
    post(payment, movements.stream().map(it -> settlement(payment, account, it)).toList(), now);
    movements.forEach(it -> outbox.publish(PaymentEvent.of(payment, it, account, now)));
  }

  private void post(Payment payment, List<Settlement> settlements, Instant now) {
    List<Outcome<LedgerRecord>> outcomes = books.post(List.copyOf(settlements));
    boolean unplaced = false;
    for (int i = 0; i < outcomes.size(); i++) {
      // A pay-out captures its hold, wherever that was placed.
      boolean isPayOut = settlements.get(i).kind() == Settlement.Kind.PAY_OUT;
      unplaced |= posted(outcomes.get(i)).isUnplaced() && !isPayOut;
    }
    if (unplaced) {
      payment.unplaced(now);
      alert(
          payment,
          "Money of payment {}, {}, is in suspense: the account could not take or give it",
          payment.getId(),
          payment.getStatus());
    }
  }

  private static Transfer posted(Outcome<LedgerRecord> outcome) {
    return switch (outcome) {
      case Outcome.Done<LedgerRecord>(var made) -> (Transfer) made;
      case Outcome.Replayed<LedgerRecord>(var made) -> (Transfer) made;
      case Outcome.Refused<LedgerRecord> refused ->
          throw new IllegalStateException("the ledger refused a settlement: " + refused);
    };
  }

  /**
   * Holds money for the provider: the only step that the ledger may refuse.
   *
   * @param unplaced whether the money is in suspense, because the account could not take it
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public Outcome<TransferId> hold(Payment payment, Account account, boolean unplaced) {
    Settlement.Kind kind = unplaced ? Settlement.Kind.HOLD_UNPLACED : Settlement.Kind.HOLD;
    String key = payment.getId().toString();
    Settlement hold = settlement(payment, account, kind, key, payment.getAmount());
    return books.post(List.of(hold)).getFirst().map(LedgerRecord::id);
  }

  /**
   * Returns how much money of a payment, or of the payment that is refunded, is in suspense, in
   * minor units.
   */
  long unplaced(Payment payment) {
    return books.unplaced(paymentOf(payment), payment.request().money().currency());
  }

  private static Settlement settlement(Payment payment, Account account, Movement movement) {
    return settlement(
        payment,
        account,
        PaymentRules.settlement(payment.getKind(), movement.amount() > 0),
        movement.key(payment.getId()),
        Math.abs(movement.amount()));
  }

  private static Settlement settlement(
      Payment payment, Account account, Settlement.Kind kind, String key, long amount) {
    return Settlement.of(
        key,
        kind,
        payment.provider(),
        paymentOf(payment),
        account,
        Money.of(amount, payment.getCurrency()),
        kind == Settlement.Kind.PAY_OUT ? payment.hold() : null,
        payment.request().description());
  }

  private static UUID paymentOf(Payment payment) {
    return Objects.requireNonNullElse(payment.getPayment(), payment.getId()).value();
  }
}
