package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Books;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.payments.provider.GuardedGateway;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.provider.World;
import dev.evenkeel.payments.rules.PaymentRules;
import dev.evenkeel.payments.rules.PaymentRules.Attempt;
import dev.evenkeel.payments.rules.Transition;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.StoredProblems;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Captures and cancels payments at their owner's request. The request is stored before the provider
 * gets it; {@link PaymentRecovery} sends it if this thread cannot, or if the outcome is unknown.
 */
@Component
class PaymentFollowUps {

  private final PaymentRepository payments;
  private final PaymentAttempts attempts;
  private final PaymentTransitions transitions;
  private final GuardedGateway provider;
  private final Books books;
  private final RetryingTransactions transactions;
  private final InFlightRequests inFlight;
  private final StoredProblems problems;
  private final CaptureRequests captures;
  private final PaymentsSettings settings;
  private final TracePropagation traces;
  private final World world;

  PaymentFollowUps(
      PaymentRepository payments,
      PaymentAttempts attempts,
      PaymentTransitions transitions,
      GuardedGateway provider,
      Books books,
      RetryingTransactions transactions,
      InFlightRequests inFlight,
      StoredProblems problems,
      CaptureRequests captures,
      PaymentsSettings settings,
      TracePropagation traces,
      World world) {
    this.payments = payments;
    this.attempts = attempts;
    this.transitions = transitions;
    this.provider = provider;
    this.books = books;
    this.transactions = transactions;
    this.inFlight = inFlight;
    this.problems = problems;
    this.captures = captures;
    this.settings = settings;
    this.traces = traces;
    this.world = world;
  }

  /**
   * An outcome, before the provider is called.
   *
   * @param claimed whether this thread calls the provider
   */
  private record Decided(Outcome<Payment> outcome, boolean claimed) {}

  Outcome<Payment> cancel(PaymentId id) {
    return ask(permitted -> transactions.run(() -> cancel(id, permitted)));
  }

  private Decided cancel(PaymentId id, boolean permitted) {
    Payment payment = payments.lockAndRead(id.value()).orElseThrow();
    Instant now = payments.now();
    if (!payment.isTakenBy(provider.name()) && payment.getStatus().isWaiting()) {
      return notCancelable(PaymentIntake.OTHER_PROVIDER);
    }
    Transition transition = PaymentRules.cancel(attempts.snapshot(payment, now));
    return transition == null
        ? notCancelable("The payment may already have been sent to the provider, or has ended.")
        : carryOut(payment, transition, now, permitted);
  }

  private static Decided notCancelable(String detail) {
    return new Decided(Outcome.refused(PaymentProblem.NOT_CANCELABLE, detail), false);
  }

  /**
   * Captures an authorized payment, once for each idempotency key.
   *
   * @param amount minor units; null for all that is authorized
   */
  Outcome<Payment> capture(IdempotentRequest request, PaymentId id, @Nullable Long amount) {
    String key = request.owner() + "/capture/" + request.key().value();
    return ask(permitted ->
        inFlight.run(key, () -> transactions.run(() -> capture(request, id, amount, permitted))));
  }

  private Decided capture(
      IdempotentRequest request, PaymentId id, @Nullable Long amount, boolean permitted) {
    Outcome<Payment> replay = replay(request).orElse(null);
    if (replay != null) {
      return new Decided(replay, false);
    }
    Payment payment = payments.lockAndRead(id.value()).orElseThrow();
    Instant now = payments.now();
    return switch (decide(payment, amount, now)) {
      case Outcome.Refused<Transition>(Problem problem, _) -> {
        captures.store(request, id, problems.write(problem));
        yield new Decided(Outcome.refused(problem), false);
      }
      case Outcome.Done<Transition>(Transition transition) -> {
        captures.store(request, id, null);
        yield carryOut(payment, transition, now, permitted);
      }
      case Outcome.Replayed<Transition> _ -> throw new IllegalStateException();
    };
  }

  private Outcome<Transition> decide(Payment payment, @Nullable Long amount, Instant now) {
    Account account = books.account(payment.getAccount()).orElseThrow();
    if (!payment.isTakenBy(provider.name())) {
      return Outcome.refused(PaymentProblem.NOT_CAPTURABLE, PaymentIntake.OTHER_PROVIDER);
    }
    Problem problem = PaymentIntake.refusal(account, payment.request().money());
    return PaymentRules.capture(attempts.snapshot(payment, now), amount, problem);
  }

  private Optional<Outcome<Payment>> replay(IdempotentRequest request) {
    return captures
        .find(request.owner(), request.key())
        .map(earlier ->
            Outcome.replay(
                request.fingerprint(),
                earlier.fingerprint(),
                earlier.problem() == null ? null : problems.read(earlier.problem()),
                () -> payments.findById(earlier.payment()).orElseThrow()));
  }

  private Decided carryOut(Payment payment, Transition transition, Instant now, boolean permitted) {
    transitions.carryOut(payment, transition, now);
    boolean claimed =
        transition instanceof Transition.AskFor && permitted && attempts.claim(payment, now);
    if (transition instanceof Transition.AskFor) {
      payment.continueIn(traces.traceparent());
    }
    payment.getTimeline(); // loads it while the transaction lasts
    return new Decided(new Outcome.Done<>(payment), claimed);
  }

  /** Decides in a transaction, and then asks the provider. */
  private Outcome<Payment> ask(Function<Boolean, Decided> decide) {
    long end = world.nanoTime() + settings.deadline().minus(PaymentIntake.APPLY_TIMEOUT).toNanos();
    try (GuardedGateway.@Nullable Permit permit =
        provider.permit(GuardedGateway.Purpose.REQUESTS).orElse(null)) {
      Decided decided = decide.apply(permit != null);
      if (permit == null
          || !decided.claimed()
          || !(decided.outcome() instanceof Outcome.Done<Payment>(Payment payment))) {
        return decided.outcome();
      }
      ProviderResponse response =
          permit.followUp(payment.providerRequest(), Duration.ofNanos(end - world.nanoTime()));
      Attempt attempt = new Attempt(payment.attempts(), false);
      return new Outcome.Done<>(attempts.applyIfPossible(payment, attempt, response));
    }
  }
}
