package dev.evenkeel.console.breakit;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.database.ConnectionPools;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentRequest;
import dev.evenkeel.payments.Payments;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** The payments that the page makes: at most one load for each person, on an account of theirs. */
@BreakItPart
@Component
public class Loads implements DisposableBean {

  private static final Logger log = LoggerFactory.getLogger(Loads.class);

  /** Payments a second. */
  public static final int MAX_RATE = 50;

  /**
   * Further payments are left out until some are answered, so a slow application is not flooded.
   */
  private static final int MAX_UNANSWERED = 200;

  /** Enough for a few people; each costs a thread. */
  private static final int MAX_LOADS = 20;

  /** It ends by itself, since nobody may be watching any more. */
  private static final Duration DURATION = Duration.ofMinutes(2);

  /** Of so many payments, one is declined. */
  private static final int DECLINED = 10;

  private static final String ACCOUNT = "Load of the console";

  /** An owner can freeze or close the account of the load: then it gets another one. */
  private static final int MAX_ACCOUNTS = 100;

  private final Accounts accounts;
  private final Payments payments;
  private final TracePropagation traces;
  private final Semaphore unanswered = new Semaphore(MAX_UNANSWERED);
  private final Map<String, Load> running = new ConcurrentHashMap<>();

  Loads(Accounts accounts, Payments payments, TracePropagation traces) {
    this.accounts = accounts;
    this.payments = payments;
    this.traces = traces;
  }

  /**
   * Starts a load, or changes or ends the one that runs.
   *
   * @param rate payments a second, 0 to {@link #MAX_RATE}
   */
  public synchronized void set(String owner, int rate) {
    Load before = running.remove(owner);
    if (before != null) {
      before.end();
    }
    if (rate > 0) {
      running.values().removeIf(Load::hasEnded);
      if (running.size() >= MAX_LOADS) {
        throw new ProblemException(CommonProblem.BUSY, "Too many loads are running.");
      }
      AccountId account = account(owner);
      AtomicBoolean failed = new AtomicBoolean();
      Runnable payment =
          () ->
              ConnectionPools.asRequest(
                  () -> traces.run("console.load", null, () -> pay(owner, account, failed)));
      Load load = new Load(rate, DURATION, payment, unanswered);
      running.put(owner, load);
      load.start();
    }
  }

  private AccountId account(String owner) {
    for (int number = 1; number <= MAX_ACCOUNTS; number++) {
      IdempotentRequest request =
          new IdempotentRequest(
              owner,
              new IdempotencyKey("console/load/" + number),
              Fingerprint.of(ACCOUNT, String.valueOf(number)));
      Account account =
          switch (accounts.open(new Accounts.Opening(request, ACCOUNT, "EUR", 0, false))) {
            case Outcome.Done<Account>(Account opened) -> opened;
            case Outcome.Replayed<Account>(Account opened) -> opened;
            case Outcome.Refused<Account>(var problem, _) -> throw new ProblemException(problem);
          };
      if (account.status() == Account.Status.OPEN) {
        return account.id();
      }
    }
    throw ProblemException.invalid("rate", "the load's accounts are all frozen or closed");
  }

  /**
   * @param failedBefore whether a payment of this load has failed: the log names the first
   */
  private void pay(String owner, AccountId account, AtomicBoolean failedBefore) {
    try {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      String key = "console/load/" + UUID.randomUUID();
      Outcome<?> outcome =
          payments.accept(
              new PaymentRequest(
                  new IdempotentRequest(owner, new IdempotencyKey(key), Fingerprint.of(key)),
                  account,
                  PaymentKind.PAY_IN,
                  Money.of(random.nextLong(100, 10_000), "EUR"),
                  random.nextInt(DECLINED) == 0 ? "tok_declined" : "tok_ok",
                  null,
                  ACCOUNT,
                  null,
                  null,
                  false));
      if (outcome instanceof Outcome.Refused<?>(Problem problem, _)) {
        throw new ProblemException(problem);
      }
    } catch (RuntimeException failed) {
      // A caller would repeat the request; a load goes on with the next one
      log.atLevel(failedBefore.getAndSet(true) ? Level.DEBUG : Level.INFO)
          .log("A payment of the load failed: {}", failed.toString());
    }
  }

  /** What a person's load does now. */
  public Load.Status of(String owner) {
    Load load = running.get(owner);
    return load == null ? Load.Status.NONE : load.status();
  }

  @Override
  public void destroy() {
    running.values().forEach(Load::end);
  }
}
