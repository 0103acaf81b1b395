package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Books;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.payments.provider.GuardedGateway;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.provider.World;
import dev.evenkeel.payments.rules.PaymentRules.Attempt;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.StoredProblems;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Accepts payments and refunds durably, then tries to finish each before the caller's deadline;
 * {@link PaymentRecovery} finishes the rest. Accepting and applying are transactions of their own;
 * the provider is called between them.
 */
@Component
class PaymentIntake {

  /** The name of the accepting transaction, for tests that let the process die in it. */
  static final String ACCEPT = "payments.accept";

  /** The part of the deadline that is reserved for applying the provider's response. */
  static final Duration APPLY_TIMEOUT = Duration.ofMillis(300);

  static final String OTHER_PROVIDER = "The provider of the payment is not connected any more.";

  private final PaymentRepository payments;
  private final PaymentAttempts attempts;
  private final PaymentTransitions transitions;
  private final GuardedGateway provider;
  private final Books books;
  private final RetryingTransactions transactions;
  private final StoredProblems problems;
  private final InFlightRequests inFlight;
  private final TracePropagation traces;
  private final PaymentsSettings settings;
  private final World world;

  PaymentIntake(
      PaymentRepository payments,
      PaymentAttempts attempts,
      PaymentTransitions transitions,
      GuardedGateway provider,
      Books books,
      RetryingTransactions transactions,
      StoredProblems problems,
      InFlightRequests inFlight,
      TracePropagation traces,
      PaymentsSettings settings,
      World world) {
    this.payments = payments;
    this.attempts = attempts;
    this.transitions = transitions;
    this.provider = provider;
    this.books = books;
    this.transactions = transactions;
    this.problems = problems;
    this.inFlight = inFlight;
    this.traces = traces;
    this.settings = settings;
    this.world = world;
  }

  /** A request for a payment or for a refund. */
  sealed interface NewPayment permits PaymentRequest, NewRefund {
    IdempotentRequest keyed();
  }

  /**
   * A request for a refund.
   *
   * @param amount minor units; null for everything that is left of the payment
   */
  record NewRefund(IdempotentRequest keyed, PaymentId payment, @Nullable Long amount)
      implements NewPayment {}

  Outcome<Payment> submit(NewPayment asked) {
    long end = world.nanoTime() + settings.deadline().minus(APPLY_TIMEOUT).toNanos();
    // The permit comes first: without it the payment is accepted as pending, surely never sent.
    try (GuardedGateway.@Nullable Permit permit =
        provider.permit(GuardedGateway.Purpose.REQUESTS).orElse(null)) {
      Outcome<Payment> accepted = accept(asked, permit != null);
      if (permit == null
          || !(accepted instanceof Outcome.Done<Payment>(Payment payment))
          || payment.attempts() == 0) {
        return accepted;
      }
      Duration left = Duration.ofNanos(end - world.nanoTime());
      ProviderResponse response = permit.send(payment.providerRequest(), left);
      Attempt attempt = new Attempt(payment.attempts(), true);
      return new Outcome.Done<>(attempts.applyIfPossible(payment, attempt, response));
    }
  }

  private Outcome<Payment> accept(NewPayment asked, boolean permitted) {
    IdempotentRequest request = asked.keyed();
    String operation = asked instanceof NewRefund ? "/refund/" : "/payment/";
    String key = request.owner() + operation + request.key().value();
    return inFlight.run(key, () -> transactions.run(ACCEPT, () -> acceptOnce(asked, permitted)));
  }

  private Outcome<Payment> acceptOnce(NewPayment asked, boolean permitted) {
    IdempotentRequest request = asked.keyed();
    boolean refund = asked instanceof NewRefund;
    Payment prior = payments.findByKey(request.owner(), refund, request.key()).orElse(null);
    if (prior != null) {
      return replay(prior, request);
    }
    return switch (asked) {
      case PaymentRequest payment -> acceptPayment(payment, permitted);
      case NewRefund newRefund -> acceptRefund(newRefund, permitted);
    };
  }

  private Outcome<Payment> replay(Payment prior, IdempotentRequest request) {
    String stored = prior.problem();
    Problem problem = stored == null ? null : problems.read(stored);
    Fingerprint earlier = prior.request().keyed().fingerprint();
    return Outcome.replay(request.fingerprint(), earlier, problem, () -> prior);
  }

  private Outcome<Payment> acceptPayment(PaymentRequest request, boolean permitted) {
    Account account =
        books
            .accountKeepingStatus(request.account())
            .filter(it -> it.owner().equals(request.keyed().owner()))
            .orElse(null);
    return account == null
        ? Outcome.refused(LedgerProblem.accountNotFound("account"))
        : store(request, null, account, refusal(account, request.money()), permitted, false);
  }

  /** Locks the payment first: all its refunds share what is left of it. */
  private Outcome<Payment> acceptRefund(NewRefund asked, boolean permitted) {
    Payment payment = payments.lockAndRead(asked.payment().value()).orElseThrow();
    Account account = books.account(payment.getAccount()).orElseThrow();
    long refunds = payments.sumOfRefunds(payment.getId().value());
    boolean unplaced = payment.getAttention() == Attention.UNPLACED;
    long left = payment.moved() - payment.getReturned() - refunds;
    if (unplaced) {
      // Suspense holds the money of others too.
      left = Math.min(left, transitions.unplaced(payment));
    }
    long amount = Objects.requireNonNullElse(asked.amount(), left);
    // A row needs an amount, even if it only keeps the refusal because nothing is left.
    Money money = Money.of(Math.max(amount, 1), payment.getCurrency());
    PaymentRequest refund = payment.request().refund(asked.keyed(), payment.getId(), money);
    Problem problem =
        payment.isTakenBy(provider.name())
            ? refusal(payment, account, amount, left)
            : Problem.of(PaymentProblem.NOT_REFUNDABLE, OTHER_PROVIDER);
    return store(refund, payment, account, problem, permitted, unplaced);
  }

  private static @Nullable Problem refusal(
      Payment payment, Account account, long amount, long left) {
    boolean unplaced = payment.getAttention() == Attention.UNPLACED;
    boolean refundable =
        payment.getKind() == PaymentKind.PAY_IN
            && payment.getStatus().hasSucceeded()
            && (payment.getAttention() == null || unplaced)
            && left > 0;
    if (!refundable) {
      return Problem.of(
          PaymentProblem.NOT_REFUNDABLE,
          "Only a pay-in that has succeeded, is not under attention and is not fully refunded can be"
              + " refunded.");
    }
    Problem refusal = unplaced ? null : refusal(account, payment.request().money());
    return refusal == null && amount > left
        ? Problem.of(
            PaymentProblem.REFUND_EXCEEDS_PAYMENT,
            "Only %s of the payment can still be refunded."
                .formatted(Money.of(left, payment.getCurrency())))
        : refusal;
  }

  /** Checks what does not depend on the account's balance. */
  static @Nullable Problem refusal(Account account, Money money) {
    return switch (account.status()) {
      case FROZEN -> Problem.of(LedgerProblem.ACCOUNT_FROZEN, "The account is frozen.");
      case CLOSED -> Problem.of(LedgerProblem.ACCOUNT_CLOSED, "The account is closed.");
      case OPEN ->
          account.currency().equals(money.currencyCode())
              ? null
              : LedgerProblem.currencyMismatch(money, account);
    };
  }

  /**
   * Stores the payment: claimed for this request's call, pending, or refused for good.
   *
   * @param refunded the payment that a refund gives back; null if this is no refund
   * @param unplaced whether it refunds money that is in suspense
   */
  private Outcome<Payment> store(
      PaymentRequest request,
      @Nullable Payment refunded,
      Account account,
      @Nullable Problem problem,
      boolean permitted,
      boolean unplaced) {
    Instant now = payments.now();
    Payment payment =
        payments.saveAndFlush(
            new Payment(
                request,
                refunded == null ? provider.name() : refunded.provider(),
                refunded == null ? null : refunded.providerOperation(),
                traces.traceparent(),
                now));
    if (problem == null && payment.getKind() != PaymentKind.PAY_IN) {
      switch (transitions.hold(payment, account, unplaced)) {
        case Outcome.Done<TransferId>(TransferId hold) -> payment.hold(hold);
        case Outcome.Replayed<TransferId>(TransferId hold) -> payment.hold(hold);
        case Outcome.Refused<TransferId>(Problem refusal, _) ->
            problem = unplaced ? notInSuspense() : refusal;
      }
    }
    if (problem != null) {
      payment.refuse(problems.write(problem), now);
    } else if (!permitted || !attempts.claim(payment, now)) {
      payment.waitForProvider(now);
    }
    payments.flush();
    return problem == null ? new Outcome.Done<>(payment) : Outcome.refused(problem);
  }

  /** What is in suspense belongs to many owners, so none is told how much it is. */
  private static Problem notInSuspense() {
    return Problem.of(
        PaymentProblem.NOT_REFUNDABLE,
        "The account could not take the payment, and its money is not available now.");
  }
}
