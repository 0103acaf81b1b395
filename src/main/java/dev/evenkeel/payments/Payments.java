package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.payments.provider.Answer;
import dev.evenkeel.payments.provider.Provider;
import dev.evenkeel.platform.Fingerprint;
import dev.evenkeel.platform.LaterWork;
import dev.evenkeel.platform.Outcome;
import dev.evenkeel.platform.Problem;
import dev.evenkeel.platform.RetryingTransactions;
import dev.evenkeel.platform.StoredProblems;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Accepts and finds payments. */
@Component
public class Payments {

  private static final Logger log = LoggerFactory.getLogger(Payments.class);

  /** What is left of the deadline for applying the provider's answer. */
  private static final Duration RESERVE = Duration.ofMillis(300);

  private final PaymentRepository payments;
  private final PaymentAttempts attempts;
  private final Accounts accounts;
  private final Provider provider;
  private final RetryingTransactions transactions;
  private final StoredProblems problems;
  private final LaterWork later;
  private final PaymentsSettings settings;

  Payments(
      PaymentRepository payments,
      PaymentAttempts attempts,
      Accounts accounts,
      Provider provider,
      RetryingTransactions transactions,
      StoredProblems problems,
      LaterWork later,
      PaymentsSettings settings) {
    this.payments = payments;
    this.attempts = attempts;
    this.accounts = accounts;
    this.provider = provider;
    this.transactions = transactions;
    this.problems = problems;
    this.later = later;
    this.settings = settings;
  }

  private record Intake(Outcome<Payment> outcome, boolean claimed) {}

  /**
   * Accepts a payment, durably, and tries to bring it to its end before the deadline; recovery does
   * what is left. Runs in transactions of its own, between which the provider is called.
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Payment> accept(PaymentRequest request) {
    long end = System.nanoTime() + settings.deadline().minus(RESERVE).toNanos();
    // Permission first: what may not be sent now is accepted as pending, and surely was not sent.
    try (Provider.@Nullable Permit permit =
        provider.permit(Provider.Purpose.REQUESTS).orElse(null)) {
      Intake intake = transactions.run(() -> intake(request, permit != null));
      if (permit == null
          || !intake.claimed()
          || !(intake.outcome() instanceof Outcome.Done<Payment>(Payment payment))) {
        return intake.outcome();
      }
      Answer answer = permit.charge(payment.charge(), Duration.ofNanos(end - System.nanoTime()));
      return new Outcome.Done<>(apply(payment, answer));
    }
  }

  /** Once accepted, the payment is the answer, also if its outcome cannot be written down now. */
  private Payment apply(Payment payment, Answer answer) {
    try {
      return attempts.apply(payment.getId(), payment.attempts(), answer);
    } catch (RuntimeException failure) {
      log.warn("Payment {} is left to recovery", payment.getId(), failure);
      return payment;
    }
  }

  private Intake intake(PaymentRequest request, boolean permitted) {
    Optional<Outcome<Payment>> earlier =
        payments
            .findByOwnerAndIdempotencyKey(request.owner(), request.key().value())
            .map(payment -> replay(payment, request));
    if (earlier.isPresent()) {
      return new Intake(earlier.get(), false);
    }
    Optional<Account> account =
        accounts.find(request.account()).filter(a -> a.owner().equals(request.owner()));
    if (account.isEmpty()) {
      Problem problem = LedgerProblem.accountNotFound("account");
      return new Intake(Outcome.refused(problem), false);
    }
    Instant now = payments.now();
    Problem refusal = refusal(account.get(), request);
    if (refusal != null) {
      payments.saveAndFlush(Payment.refused(request, problems.write(refusal), now));
      return new Intake(Outcome.refused(refusal), false);
    }
    Payment payment = Payment.accepted(request, later.traceparent(), now);
    if (permitted) {
      payment.claim(now, settings.claim());
    } else {
      payment.waitForProvider(now);
    }
    return new Intake(new Outcome.Done<>(payments.saveAndFlush(payment)), permitted);
  }

  private Outcome<Payment> replay(Payment payment, PaymentRequest request) {
    if (!Fingerprint.ofStored(payment.fingerprint()).equals(request.fingerprint())) {
      return Outcome.keyReused();
    }
    String problem = payment.problem();
    return problem == null
        ? new Outcome.Replayed<>(payment)
        : new Outcome.Refused<>(problems.read(problem), true);
  }

  private static @Nullable Problem refusal(Account account, PaymentRequest request) {
    return switch (account.status()) {
      case FROZEN -> Problem.of(LedgerProblem.ACCOUNT_FROZEN, "The account is frozen.");
      case CLOSED -> Problem.of(LedgerProblem.ACCOUNT_CLOSED, "The account is closed.");
      case OPEN ->
          account.currency().equals(request.money().currencyCode())
              ? null
              : Problem.of(
                  LedgerProblem.CURRENCY_MISMATCH,
                  "The amount is in %s, the account in %s."
                      .formatted(request.money().currencyCode(), account.currency()));
    };
  }

  /** Whoever owns it. Refused ones are none. */
  public Optional<Payment> find(UUID id) {
    return payments.findById(id).filter(payment -> payment.getStatus() != PaymentStatus.REFUSED);
  }
}
