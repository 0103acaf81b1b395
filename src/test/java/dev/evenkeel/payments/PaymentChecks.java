package dev.evenkeel.payments;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.posting.SimulatedBooks;
import dev.evenkeel.payments.provider.FollowUp;
import dev.evenkeel.payments.rules.PaymentRules;
import dev.evenkeel.payments.state.WaitingOperation;
import dev.paymentprovider.SimulatedProvider;
import dev.paymentprovider.SimulatedProvider.Recorded;
import dev.testing.simulation.SimulatedDatabase.Table;
import dev.testing.simulation.SimulatedWorld;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What must be true of payments, at each moment and when nothing is under way any more. */
final class PaymentChecks {

  private static final Duration CLAIM = SimulatedInstance.SETTINGS.claim();
  private static final Duration KEY_MEMORY = SimulatedInstance.SETTINGS.provider().keyMemory();

  private final SimulatedWorld world;
  private final Story story;
  private final Facts facts;
  private final SimulatedPayments payments;
  private final SimulatedBooks books;
  private final Table<UUID, PaymentEvent> events;
  private final SimulatedProvider provider;
  private final Map<UUID, Payment> seen = new HashMap<>();
  private final Map<UUID, Instant> returned = new HashMap<>();
  private int bookCommits;

  PaymentChecks(
      SimulatedWorld world,
      Story story,
      Facts facts,
      SimulatedPayments payments,
      SimulatedBooks books,
      Table<UUID, PaymentEvent> events,
      SimulatedProvider provider) {
    this.world = world;
    this.story = story;
    this.facts = facts;
    this.payments = payments;
    this.books = books;
    this.events = events;
    this.provider = provider;
  }

  private void check(
      boolean holds, Payment payment, String otherwise, @Nullable Object... details) {
    if (!holds) {
      throw new AssertionError(story.name(payment) + " " + otherwise.formatted(details));
    }
  }

  /** An order leaves for the provider. */
  void mayBeSent(UUID id) {
    Payment payment = payments.committed(id);
    if (payment == null) {
      throw new AssertionError("an order with a key that is no payment's is sent");
    }
    PaymentStatus status = payment.getStatus();
    check(status != PaymentStatus.PENDING, payment, "is sent before that is stored");
    check(status != PaymentStatus.CANCELED, payment, "is sent, though it is canceled");
    check(isYoungEnough(payment), payment, "is sent too late");
    check(
        !isPast(payment.calls().firstSentAt(), KEY_MEMORY.plus(CLAIM)),
        payment,
        "is sent when the provider may have forgotten its key");
    Instant claimedUntil = (Instant) EntityState.get(payment.calls(), "claimedUntil");
    if (status.isFinal() || payment.getAttention() != null) {
      return; // Another attempt has heard more in the meantime.
    }
    check(claimedUntil != null, payment, "is sent by nobody who has claimed it");
    check(!isPast(claimedUntil, Duration.ZERO), payment, "is sent after the claim has ended");
    if (payment.getPayment() != null && claimedUntil != null) {
      Instant returnedAt = returned.get(payment.getPayment().value());
      check(
          returnedAt == null || !returnedAt.isBefore(claimedUntil.minus(CLAIM)),
          payment,
          "is sent, though its payment has been returned");
    }
  }

  /** The provider is asked to capture or cancel an operation that waits. */
  void mayBeAskedFor(UUID id, String what) {
    Payment payment = committed(id);
    WaitingOperation waiting = payment.waiting();
    if (payment.getStatus().isFinal()) {
      return; // Another attempt has heard more in the meantime.
    }
    FollowUp wanted = waiting == null ? null : waiting.followUp();
    check(
        wanted != null && what.equals(wanted == FollowUp.CAPTURE ? "capture" : "cancel"),
        payment,
        "is to %s, but nobody wants that",
        what);
  }

  private boolean isYoungEnough(Payment payment) {
    return payment.getKind() != PaymentKind.PAY_IN
        || !isPast(payment.getCreatedAt(), PaymentRules.PAY_IN_EXPIRY.plus(CLAIM));
  }

  private boolean isPast(@Nullable Instant since, Duration age) {
    return since != null && world.now().isAfter(since.plus(age));
  }

  private Payment committed(UUID id) {
    return Objects.requireNonNull(payments.committed(id));
  }

  void oneOperationForEachKey() {
    operations()
        .collect(groupingBy(Recorded::key, counting()))
        .forEach((key, count) -> {
          if (count > 1) {
            throw new AssertionError("the provider has %d operations for one key".formatted(count));
          }
        });
  }

  private Stream<Recorded> operations() {
    return provider.recorded().stream().filter(it -> !it.kind().equals("RETURN"));
  }

  private @Nullable Recorded operation(Payment payment) {
    return provider.recorded(payment.getId().toString());
  }

  /** A transaction has committed. */
  void afterCommit(String by) {
    boolean booked = books.commits() != bookCommits;
    bookCommits = books.commits();
    for (Payment payment : payments.committed()) {
      Payment before = seen.put(payment.getId().value(), payment);
      if (before != payment || booked) {
        agreesWithBooks(payment);
      }
      if (before == payment) {
        continue;
      }
      tell(by, before, payment);
      if (before == null || before.getStatus() != payment.getStatus()) {
        hasCause(payment);
        if (payment.getStatus() == PaymentStatus.RETURNED) {
          returned.put(payment.getId().value(), world.now());
        } else {
          returned.remove(payment.getId().value());
        }
      }
      payment.attention().reasons().stream()
          .filter(it -> before == null || !before.attention().contains(it))
          .forEach(it -> needsDecision(payment, it));
      if (before == null) {
        isRefundable(payment);
      }
    }
    books
        .accounts()
        .forEach(account -> {
          long owed = account.balance().owed();
          if (account.available() + owed < 0) {
            throw new AssertionError("a customer has spent more than there was: " + account);
          }
          if (owed < 0 || owed > 0 && account.available() + owed > 0) {
            throw new AssertionError("a customer owes something and has money free: " + account);
          }
        });
  }

  private void tell(String by, @Nullable Payment before, Payment payment) {
    PaymentStatus status = before == null ? null : before.getStatus();
    Attention attention = before == null ? null : before.getAttention();
    if (status != payment.getStatus()) {
      story.add(() ->
          "%s stores %s: %s%s"
              .formatted(
                  by,
                  story.name(payment),
                  status == null ? "" : word(status) + " -> ",
                  word(payment.getStatus())));
    }
    if (attention != payment.getAttention()) {
      story.add(() ->
          "%s stores %s: attention %s".formatted(by, story.name(payment), payment.getAttention()));
    }
  }

  private static String word(PaymentStatus status) {
    return status.name().toLowerCase(Locale.ROOT);
  }

  /** A payment enters a status only for a reason. */
  private void hasCause(Payment payment) {
    UUID id = payment.getId().value();
    Recorded operation = operation(payment);
    boolean decided = facts.decided.contains(id);
    switch (payment.getStatus()) {
      case PENDING ->
          check(!facts.sent.contains(id), payment, "counts as never sent, but something was sent");
      case CANCELED ->
          check(
              facts.canceled.contains(id)
                  && (!facts.sent.contains(id)
                      || operation != null && operation.status().equals("CANCELED")),
              payment,
              "counts as canceled, but is not");
      case REQUIRES_ACTION ->
          check(operation != null, payment, "waits for its customer, but nobody has it");
      case AUTHORIZED ->
          check(
              operation != null && payment.request().manualCapture(),
              payment,
              "waits for its capture, but nobody has it");
      case SUCCEEDED ->
          check(
              decided
                  || operation != null
                      && operation.isApproved()
                      && operation.amount() == payment.moved(),
              payment,
              "has succeeded, but the provider has not moved that money");
      case FAILED -> {
        String code = Objects.requireNonNull(payment.getFailure()).code();
        boolean cause =
            switch (code) {
              case "expired" ->
                  payment.getKind() == PaymentKind.PAY_IN
                      && (isPast(payment.getCreatedAt(), PaymentRules.PAY_IN_EXPIRY.minusMillis(1))
                          || operation != null
                              && operation.status().equals("CANCELED")
                              && isPast(
                                  payment.getCreatedAt(),
                                  SimulatedInstance.SETTINGS.actionExpiry().minusMillis(1)));
              case "payment_returned" -> payment.getPayment() != null;
              case "provider_rejected" -> decided || mayBeRejected(payment);
              default ->
                  facts.liedAbout.contains(id)
                      || operation != null && operation.status().equals("DECLINED");
            };
        check(cause, payment, "has failed (%s), but nothing has said so", code);
      }
      case RETURNED ->
          check(
              decided || operation != null && operation.everReturned(),
              payment,
              "has not really been returned");
      case PROCESSING, REFUSED, UNREADABLE -> {}
    }
  }

  /** Nobody is asked for a decision without need. */
  private void needsDecision(Payment payment, Attention attention) {
    UUID id = payment.getId().value();
    Recorded operation = operation(payment);
    boolean otherAmount = operation != null && operation.asked() != payment.getAmount();
    boolean cause =
        switch (attention) {
          case EXPIRED_KEY ->
              isPast(
                  Objects.requireNonNullElse(payment.calls().firstSentAt(), payment.getCreatedAt()),
                  KEY_MEMORY.minusMillis(1));
          case REJECTED -> mayBeRejected(payment);
          case AMOUNT_MISMATCH -> otherAmount;
          case CONTRADICTION ->
              otherAmount
                  || facts.liedAbout.contains(id)
                  || facts.copied.contains(id)
                  || facts.decided.contains(id);
          case UNREADABLE ->
              facts.unreadable.contains(id)
                  || payment.getPayment() != null
                      && facts.unreadable.contains(payment.getPayment().value());
          case UNPLACED -> false;
        };
    check(cause, payment, "is under attention (%s) without need", attention);
  }

  /**
   * Some orders are rejected without a call: nobody pays them out, or nothing is known to refund.
   */
  private boolean mayBeRejected(Payment payment) {
    UUID refunded = payment.getPayment() == null ? null : payment.getPayment().value();
    return facts.rejected.contains(payment.getId().value())
        || !provider.offers(payment.getKind().name())
        || refunded != null && facts.decided.contains(refunded) && !provider.offers("blind refund");
  }

  private void isRefundable(Payment refund) {
    if (refund.getPayment() != null && refund.getStatus() != PaymentStatus.REFUSED) {
      Payment refunded = committed(refund.getPayment().value());
      check(refunded.getAttention() == null, refund, "was accepted for a payment under attention");
      check(
          refunded.getStatus() == PaymentStatus.SUCCEEDED,
          refund,
          "was accepted for a payment that has not succeeded");
      long refunds = payments.sumOfRefunds(refunded.getId().value());
      check(
          refunds <= refunded.moved() - refunded.getReturned(),
          refund,
          "refunds more than was paid");
    }
  }

  /** A hold is there exactly while it should, and a settled amount is posted exactly once. */
  private void agreesWithBooks(Payment payment) {
    PaymentStatus status = payment.getStatus();
    if (payment.getKind() != PaymentKind.PAY_IN && status != PaymentStatus.REFUSED) {
      Hold.Status expected =
          switch (status) {
            case PENDING, PROCESSING, REQUIRES_ACTION, AUTHORIZED -> Hold.Status.HELD;
            default -> settled(payment) > 0 ? Hold.Status.CAPTURED : Hold.Status.RELEASED;
          };
      Hold hold = payment.hold() == null ? null : books.hold(payment.hold());
      check(
          hold != null && hold.status() == expected && hold.amount() == payment.getAmount(),
          payment,
          "is %s, but its hold is %s",
          word(status),
          hold);
    }
    isPosted(payment, payment.getId().toString(), settled(payment));
    for (Movement movement : movements(payment)) {
      isPosted(payment, movement.key(payment.getId()), movement.amount());
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Movement> movements(Payment payment) {
    return (List<Movement>)
        Objects.requireNonNull(EntityState.get(EntityState.money(payment), "movements"));
  }

  /**
   * What the payment itself moved when it ended: nothing, or all but what was decided beside it.
   */
  private static long settled(Payment payment) {
    long decided =
        movements(payment).stream()
            .filter(it -> it.kind() == Movement.Kind.DECIDED)
            .mapToLong(Movement::amount)
            .sum();
    return (payment.getStatus().hasSucceeded() ? payment.moved() : 0) - decided;
  }

  /**
   * @param moved negative if it reduces what the payment has moved, 0 for nothing
   */
  private void isPosted(Payment payment, String key, long moved) {
    Transfer posted = books.settlement(key);
    long expected = payment.getKind() == PaymentKind.PAY_IN ? -moved : moved;
    long found = posted == null ? 0 : SimulatedBooks.entry(posted, SimulatedBooks.CLEARING);
    check(
        found == expected,
        payment,
        "is %s and has moved %d, but posted is %s",
        word(payment.getStatus()),
        moved,
        posted);
  }

  /** Whether the provider says the same, so that nothing has to be asked or decided. */
  boolean agreesWithProvider(Payment payment) {
    Recorded operation = operation(payment);
    return payment.getStatus().hasSucceeded()
        ? operation != null
            && operation.isApproved()
            && operation.amount() == payment.moved()
            && operation.returned() == payment.getReturned()
        : operation == null || !operation.isApproved();
  }

  /** Whether the provider says nothing else, or does not know any more what it did. */
  private boolean isReconciled(Payment payment) {
    return agreesWithProvider(payment) || !provider.knows(payment.getId().toString());
  }

  /** How much has really moved. */
  long moved(Payment payment) {
    Recorded operation = operation(payment);
    return operation != null && operation.isApproved() ? operation.amount() : 0;
  }

  /** Nothing is under way any more. Each payment is final, or somebody can decide it. */
  void isFinalOrDecidable(Payment payment) {
    check(
        payment.getStatus().isFinal() || payment.getAttention() != null,
        payment,
        "is still %s, and nobody can end it",
        word(payment.getStatus()));
  }

  /** What can be decided has been decided. */
  void atTheEnd() {
    for (Payment payment : payments.committed()) {
      check(payment.getStatus().isFinal(), payment, "is not final at the end");
      check(payment.getAttention() == null, payment, "is under attention at the end");
      check(
          facts.acknowledged.contains(payment.getId().value())
              || facts.cursed.contains(payment.getId().value())
              || isReconciled(payment),
          payment,
          "is %s, but the provider has %s",
          word(payment.getStatus()),
          operation(payment));
      isAnnounced(payment);
    }
    long posted =
        payments.committed().stream()
            .mapToLong(it -> movements(it).size() + (settled(it) > 0 ? 1 : 0))
            .sum();
    if (books.settlements() != posted) {
      throw new AssertionError("something is posted that no payment has moved");
    }
    for (Account account : books.accounts()) {
      long entries =
          books.transfers().stream()
              .flatMap(it -> it.entries().stream())
              .filter(it -> it.account().equals(account.id()))
              .mapToLong(Transfer.Entry::amount)
              .sum();
      if (account.posted() != Simulation.OPENING_BALANCE + entries
          || account.balance().held() != 0) {
        throw new AssertionError("the entries do not make up the balance of " + account);
      }
    }
    long sum =
        books.transfers().stream()
            .flatMap(it -> it.entries().stream())
            .mapToLong(Transfer.Entry::amount)
            .sum();
    if (sum != 0) {
      throw new AssertionError("the books do not balance: " + sum);
    }
    long receivable =
        books.transfers().stream()
            .mapToLong(it -> SimulatedBooks.entry(it, SimulatedBooks.RECEIVABLE))
            .sum();
    long owed = books.accounts().stream().mapToLong(it -> it.balance().owed()).sum();
    if (receivable != -owed) {
      throw new AssertionError("customers owe " + owed + ", but receivable is " + receivable);
    }
  }

  /** The end of a payment is announced once, and each later movement once, with its amount. */
  private void isAnnounced(Payment payment) {
    List<PaymentEvent> announced =
        events.committed().stream().filter(it -> it.payment().equals(payment.getId())).toList();
    long moved =
        announced.stream()
            .mapToLong(it ->
                switch (it.type()) {
                  case SUCCEEDED, REINSTATED -> it.amount();
                  case RETURNED -> -it.amount();
                  case FAILED, CANCELED -> 0;
                })
            .sum();
    boolean succeeded = payment.getStatus().hasSucceeded();
    // What was decided to be more than asked for is announced with the end, not for itself.
    long withEnd =
        movements(payment).stream().filter(it -> it.kind() == Movement.Kind.DECIDED).count();
    int most = payment.getStatus() == PaymentStatus.REFUSED ? 0 : 1 + movements(payment).size();
    check(
        moved == (succeeded ? payment.moved() - payment.getReturned() : 0)
            && announced.size() <= most
            && announced.size() >= most - Math.min(withEnd, 1),
        payment,
        "is %s, but announced was %s",
        word(payment.getStatus()),
        announced.stream().map(it -> it.type() + " " + it.amount()).toList());
  }
}
