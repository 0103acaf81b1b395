package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.PaymentGateway;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.StoredProblems;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Accepts payments and refunds, durably, and then tries to bring each to its end before the
 * deadline; recovery does what is left. In transactions of its own, between which the provider is
 * called.
 */
@Component
class PaymentIntake {

  /** The name of the transaction, in which a test lets the process die. */
  static final String ACCEPT = "payments.accept";

  private static final Logger log = LoggerFactory.getLogger(PaymentIntake.class);

  /** What is left of the deadline for applying the provider's answer. */
  private static final Duration RESERVE = Duration.ofMillis(300);

  private final PaymentRepository payments;
  private final PaymentAttempts attempts;
  private final PaymentTransitions transitions;
  private final PaymentGateway provider;
  private final RetryingTransactions transactions;
  private final StoredProblems problems;
  private final InFlightRequests inProgress;
  private final PaymentsSettings settings;

  PaymentIntake(
      PaymentRepository payments,
      PaymentAttempts attempts,
      PaymentTransitions transitions,
      PaymentGateway provider,
      RetryingTransactions transactions,
      StoredProblems problems,
      InFlightRequests inProgress,
      PaymentsSettings settings) {
    this.payments = payments;
    this.attempts = attempts;
    this.transitions = transitions;
    this.provider = provider;
    this.transactions = transactions;
    this.problems = problems;
    this.inProgress = inProgress;
    this.settings = settings;
  }

  /**
   * What is asked for under a fresh key, looked at in the transaction that accepts it.
   *
   * @param payment not stored yet
   * @param problem why it is refused, if it is; kept under the key
   */
  record Asked(Payment payment, Account account, @Nullable Problem problem) {}

  private record Accepted(Outcome<Payment> outcome, boolean claimed) {}

  /**
   * @param refund the scope of a key is the owner and the operation
   * @param asked either what to accept or refuse, or a problem that is not kept
   */
  Outcome<Payment> accept(
      IdempotentRequest request, boolean refund, Supplier<Outcome<Asked>> asked) {
    String key = request.owner() + (refund ? "/refund/" : "/payment/") + request.key().value();
    long end = System.nanoTime() + settings.deadline().minus(RESERVE).toNanos();
    // Permission first: what may not be sent now is accepted as pending, and surely was not sent.
    try (PaymentGateway.@Nullable Permit permit =
        provider.permit(PaymentGateway.Purpose.REQUESTS).orElse(null)) {
      Accepted accepted =
          inProgress.run(
              key,
              () ->
                  transactions.run(
                      ACCEPT,
                      () ->
                          replay(request, refund).orElseGet(() -> intake(asked, permit != null))));
      if (permit == null
          || !accepted.claimed()
          || !(accepted.outcome() instanceof Outcome.Done<Payment>(Payment payment))) {
        return accepted.outcome();
      }
      ProviderResponse answer =
          permit.send(payment.order(), Duration.ofNanos(end - System.nanoTime()));
      return new Outcome.Done<>(apply(payment, answer));
    }
  }

  /** Once accepted, the payment is the answer, also if its outcome cannot be written down now. */
  private Payment apply(Payment payment, ProviderResponse answer) {
    try {
      return attempts.apply(payment.getId(), payment.attempts(), answer);
    } catch (RuntimeException failure) {
      log.warn("Payment {} is left to recovery", payment.getId(), failure);
      return payment;
    }
  }

  private Optional<Accepted> replay(IdempotentRequest request, boolean refund) {
    return payments
        .findByKey(request.owner(), refund, request.key())
        .map(earlier -> new Accepted(replay(earlier, request), false));
  }

  private Accepted intake(Supplier<Outcome<Asked>> asked, boolean permitted) {
    Outcome<Asked> outcome = asked.get();
    return outcome instanceof Outcome.Done<Asked>(Asked fresh)
        ? store(fresh, permitted)
        : new Accepted(outcome.map(Asked::payment), false);
  }

  private Outcome<Payment> replay(Payment payment, IdempotentRequest request) {
    if (!payment.request().keyed().equals(request)) {
      return Outcome.keyReused();
    }
    String problem = payment.problem();
    return problem == null
        ? new Outcome.Replayed<>(payment)
        : new Outcome.Refused<>(problems.read(problem), true);
  }

  private Accepted store(Asked asked, boolean permitted) {
    Payment payment = payments.saveAndFlush(asked.payment());
    Instant now = payment.getCreatedAt();
    Problem problem = asked.problem();
    if (problem == null && payment.getKind() != PaymentKind.PAY_IN) {
      switch (transitions.hold(payment, asked.account())) {
        case Outcome.Done<UUID>(UUID hold) -> payment.hold(hold);
        case Outcome.Replayed<UUID>(UUID hold) -> payment.hold(hold);
        case Outcome.Refused<UUID>(Problem refusal, _) -> problem = refusal;
      }
    }
    if (problem != null) {
      payment.refuse(problems.write(problem), now);
      payments.flush();
      return new Accepted(Outcome.refused(problem), false);
    }
    if (permitted) {
      payment.claim(now, settings.claim());
    } else {
      payment.waitForProvider(now);
    }
    payments.flush();
    return new Accepted(new Outcome.Done<>(payment), permitted);
  }

  /** What does not depend on amounts, for money in or out of an account. */
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
}
