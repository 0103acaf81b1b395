package dev.evenkeel.console.breakit;

import dev.evenkeel.console.Display;
import dev.evenkeel.console.breakit.SimulatorClient.Operation;
import dev.evenkeel.payments.PaymentMonitor.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares the provider's operations with our payments as both become known: each approved
 * operation has one succeeded payment with the same amount, and each succeeded payment has one
 * approved operation. An outcome that is unknown is no difference, and neither is one that is seen
 * on one side only for a moment, or while not all is read.
 */
final class Comparison {

  /** The latest ones; older ones that agree are forgotten. */
  static final int MAX_PAIRS = 5000;

  /** How long one side may be seen before the other, and both be read again. */
  static final Duration GRACE = Duration.ofSeconds(10);

  /** How long an outcome is usually unknown. */
  private static final Duration USUAL = Duration.ofSeconds(2);

  private static final Set<String> UNDECIDED = Set.of("pending", "authorized");

  private enum Verdict {
    AGREED,
    UNKNOWN,
    /** Both sides wait for a customer, a capture or a decision. */
    WAITING,
    DIFFERENT
  }

  /** A payment and its operations, by the reference of both. */
  private static final class Pair {
    private final String reference;
    private final Map<String, Operation> operations = new LinkedHashMap<>();
    private @Nullable Progress payment;
    private Verdict verdict = Verdict.UNKNOWN;
    private Instant since;
    private Instant paymentRead = Instant.MIN;
    private Instant operationsRead = Instant.MIN;
    private boolean broken;

    private Pair(String reference, Instant now) {
      this.reference = reference;
      this.since = now;
    }

    private void judge(Instant now) {
      Verdict judged = judged();
      if (judged != verdict) {
        verdict = judged;
        since = now;
        broken = false;
      }
    }

    private Verdict judged() {
      List<Operation> approved =
          operations.values().stream().filter(it -> it.status().equals("approved")).toList();
      if (payment == null) {
        return approved.isEmpty() ? undecidedOr(Verdict.AGREED) : Verdict.DIFFERENT;
      }
      if (!payment.status().isFinal()) {
        boolean waits = payment.status().isWaiting() || payment.undecided();
        return waits ? Verdict.WAITING : Verdict.UNKNOWN;
      }
      boolean agrees =
          payment.status().hasSucceeded()
              ? approved.size() == 1 && isSame(payment, approved.getFirst())
              : approved.isEmpty();
      return agrees ? undecidedOr(Verdict.AGREED) : Verdict.DIFFERENT;
    }

    /** The provider may still approve what it has not decided. */
    private Verdict undecidedOr(Verdict verdict) {
      return undecidedOperations().findAny().isPresent() ? Verdict.WAITING : verdict;
    }

    private static boolean isSame(Progress payment, Operation operation) {
      return operation.id().equals(payment.operation())
          && operation.amount() == payment.moved()
          && operation.currency().equals(payment.currency());
    }

    private boolean isDifferent() {
      return verdict == Verdict.DIFFERENT;
    }

    /** Whether what is missing or may have changed was read again since. */
    private boolean isReread() {
      return (payment != null || !paymentRead.isBefore(since))
          && (undecidedOperations().findAny().isEmpty() || !operationsRead.isBefore(since));
    }

    /** Once it is broken, it stays so until it is judged otherwise. */
    private boolean isBroken(@Nullable Instant completeSince, Instant now) {
      broken |=
          isDifferent()
              && isReread()
              && completeSince != null
              && !now.isBefore(since.plus(GRACE))
              && !now.isBefore(completeSince.plus(GRACE));
      return broken;
    }

    private Stream<Operation> undecidedOperations() {
      return operations.values().stream().filter(it -> UNDECIDED.contains(it.status()));
    }

    private boolean isLate(Instant now) {
      boolean open = verdict == Verdict.UNKNOWN || verdict == Verdict.DIFFERENT;
      return open && !now.isBefore(since.plus(USUAL));
    }
  }

  private final Map<String, Pair> pairs = new LinkedHashMap<>();
  private long agreed;
  private @Nullable Instant completeSince;

  void operation(Operation operation, Instant now) {
    String reference = Objects.requireNonNullElse(operation.reference(), operation.id());
    update(
        reference,
        now,
        pair -> {
          pair.operations.put(operation.id(), operation);
          pair.operationsRead = now;
        });
  }

  void payment(Progress payment, Instant now) {
    update(payment.id().toString(), now, pair -> pair.payment = payment);
  }

  private void update(String reference, Instant now, Consumer<Pair> change) {
    Pair pair = pairs.computeIfAbsent(reference, it -> new Pair(it, now));
    boolean agreedBefore = pair.verdict == Verdict.AGREED;
    change.accept(pair);
    pair.judge(now);
    agreed += (pair.verdict == Verdict.AGREED ? 1 : 0) - (agreedBefore ? 1 : 0);
    forgetOldest();
  }

  private void forgetOldest() {
    Iterator<Pair> oldest = pairs.values().iterator();
    while (pairs.size() > MAX_PAIRS && oldest.hasNext()) {
      if (oldest.next().verdict == Verdict.AGREED) {
        oldest.remove();
      }
    }
  }

  /** Whether so much is open that nothing more can be compared for now. */
  boolean isFull() {
    return pairs.size() > MAX_PAIRS;
  }

  /**
   * The references of payments to read again: first those that differ, then those that were not
   * read for longest.
   */
  List<String> open(int limit) {
    return open(pair -> pair.paymentRead).map(pair -> pair.reference).limit(limit).toList();
  }

  /** Knows that these payments were read: there are none but those that it was given. */
  void paymentsRead(List<String> references, Instant now) {
    for (String reference : references) {
      Pair pair = pairs.get(reference);
      if (pair != null) {
        pair.paymentRead = now;
      }
    }
  }

  /** The operations to read again, because they may have changed since, in the same order. */
  List<Operation> openOperations(int limit) {
    return open(pair -> pair.operationsRead)
        .flatMap(Pair::undecidedOperations)
        .limit(limit)
        .toList();
  }

  private Stream<Pair> open(Function<Pair, Instant> read) {
    return pairs.values().stream()
        .filter(pair -> pair.verdict != Verdict.AGREED)
        .sorted(Comparator.comparing((Pair pair) -> !pair.isDifferent()).thenComparing(read));
  }

  /**
   * @param complete whether it knows all that both sides had when the last reading began
   */
  Promise promise(boolean complete, Instant began, Instant now) {
    if (!complete) {
      completeSince = null;
    } else if (completeSince == null) {
      completeSince = began;
    }
    List<Pair> broken = of(pair -> pair.isBroken(completeSince, now));
    if (!broken.isEmpty()) {
      return Promise.broken(
          broken.size() + " differ, such as " + broken.getFirst().reference, began);
    }
    int late = of(pair -> pair.isLate(now)).size();
    if (late > 0 || !complete) {
      return Promise.checking(late > 0 ? late + " not decided yet" : "comparing");
    }
    return Promise.kept(Display.count(agreed) + " compared", began);
  }

  private List<Pair> of(Predicate<Pair> predicate) {
    return pairs.values().stream().filter(predicate).toList();
  }
}
