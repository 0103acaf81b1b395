package dev.evenkeel.payments.reconciliation;

import static java.util.Comparator.naturalOrder;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.Reconciliation;
import dev.evenkeel.payments.provider.PaymentGateway;
import dev.evenkeel.payments.provider.ProviderOperation;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Gatherers;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Compares our payments with the operations in the provider's report. */
@Component
class ProviderReconciliation implements Reconciliation {

  /** The age below which an operation or an unfinished payment may still be in progress. */
  private static final Duration SETTLING_TIME = Duration.ofHours(1);

  /** How far our time of a payment and the provider's time of its operation may differ. */
  private static final Duration TIME_TOLERANCE = Duration.ofDays(1);

  private static final int BATCH_SIZE = 1000;

  private static final UUID LOWEST_ID = new UUID(0, 0);

  private final PaymentGateway provider;
  private final ReconciliationRepository payments;

  ProviderReconciliation(PaymentGateway provider, ReconciliationRepository payments) {
    this.provider = provider;
    this.payments = payments;
  }

  /**
   * Reads our payments before the report, so that one that succeeds meanwhile is not reported as
   * missing there. Holds no connection while the provider answers.
   */
  @Transactional(propagation = Propagation.NEVER)
  @Override
  public Report compare(LocalDate day) throws IOException {
    Instant from = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    Instant to = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    Instant settled = payments.now().minus(SETTLING_TIME);
    List<Payment> ours = sent(from, to);
    Instant lastEnd =
        ours.stream()
            .map(Payment::getFinalAt)
            .filter(Objects::nonNull)
            .max(naturalOrder())
            .filter(to::isBefore)
            .orElse(to);
    List<ProviderOperation> report =
        provider.report(from.minus(TIME_TOLERANCE), lastEnd.plus(TIME_TOLERANCE));
    Map<String, List<ProviderOperation>> byKey =
        report.stream().collect(groupingBy(ProviderOperation::key));
    List<Difference> differences = new ArrayList<>();
    long matched = 0;
    for (Payment payment : ours) {
      List<ProviderOperation> theirs = byKey.getOrDefault(payment.getId().toString(), List.of());
      Difference difference = difference(payment, theirs, settled);
      if (difference != null) {
        differences.add(difference);
      } else if (payment.getStatus().isFinal() || !theirs.isEmpty()) {
        matched++;
      }
    }
    Set<String> compared = ours.stream().map(it -> it.getId().toString()).collect(toSet());
    List<ProviderOperation> others =
        report.stream()
            .filter(it -> it.mayBeWithin(from, to) && it.mayBeWithin(from, settled))
            .filter(it -> !compared.contains(it.key()))
            .toList();
    differences.addAll(differencesOfOtherDays(others, settled));
    differences.addAll(unknownReturns(others, compared));
    return new Report(day, matched, differences);
  }

  private List<Payment> sent(Instant from, Instant to) {
    List<Payment> sent = new ArrayList<>();
    List<Payment> page = payments.findSent(from, LOWEST_ID, to, Limit.of(BATCH_SIZE));
    while (!page.isEmpty()) {
      sent.addAll(page);
      Payment last = page.getLast();
      page = payments.findSent(last.getCreatedAt(), last.getId().value(), to, Limit.of(BATCH_SIZE));
    }
    return sent;
  }

  /** Compares the day's operations that belong to payments of other days, or to none of ours. */
  private List<Difference> differencesOfOtherDays(List<ProviderOperation> theirs, Instant settled) {
    List<ProviderOperation> operations = theirs.stream().filter(it -> !it.isReturn()).toList();
    Map<String, Payment> ours =
        operations.stream()
            .flatMap(ProviderReconciliation::paymentId)
            .distinct()
            .gather(Gatherers.windowFixed(BATCH_SIZE))
            .flatMap(ids -> payments.findByIdIn(ids).stream())
            .collect(toMap(it -> it.getId().toString(), Function.identity()));
    return operations.stream()
        .map(it -> differenceOfOtherDay(ours.get(it.key()), it, settled))
        .filter(Objects::nonNull)
        .toList();
  }

  private static Stream<UUID> paymentId(ProviderOperation operation) {
    try {
      return Stream.of(UUID.fromString(operation.key()));
    } catch (IllegalArgumentException notOurs) {
      return Stream.empty();
    }
  }

  /** Finds the day's returns of other days' payments that we do not know of. */
  private List<Difference> unknownReturns(List<ProviderOperation> theirs, Set<String> compared) {
    List<String> ids =
        theirs.stream().filter(ProviderOperation::isReturn).map(ProviderOperation::id).toList();
    Set<String> returned = payments.findBooked(Movement.Kind.RETURNED, ids);
    Set<String> reinstated = payments.findBooked(Movement.Kind.REINSTATED, ids);
    Map<String, ProviderOperation> returns =
        theirs.stream()
            .filter(ProviderOperation::isReturn)
            .filter(it -> !(it.reinstated() ? reinstated : returned).contains(it.id()))
            .collect(
                toMap(it -> String.valueOf(it.of()), Function.identity(), (first, _) -> first));
    return returns.keySet().stream()
        .gather(Gatherers.windowFixed(BATCH_SIZE))
        .flatMap(operations -> payments.findByProviderOperationIn(operations).stream())
        .filter(it -> !compared.contains(it.getId().toString()))
        .map(it -> difference(Kind.STATUS_DIFFERS, it, returns.get(it.providerOperation())))
        .toList();
  }

  /** Another operation than the one we know is a duplicate, even if it is the only one that day. */
  private static @Nullable Difference differenceOfOtherDay(
      @Nullable Payment ours, ProviderOperation theirs, Instant settled) {
    if (ours == null) {
      return difference(Kind.MISSING_HERE, null, theirs);
    }
    String known = ours.providerOperation();
    return known == null || known.equals(theirs.id())
        ? difference(ours, List.of(theirs), settled)
        : difference(Kind.DUPLICATE_THERE, ours, theirs);
  }

  private static @Nullable Difference difference(
      Payment ours, List<ProviderOperation> theirs, Instant settled) {
    if (theirs.isEmpty()) {
      return ours.getStatus().hasSucceeded() ? difference(Kind.MISSING_THERE, ours, null) : null;
    }
    if (theirs.size() > 1) {
      return difference(Kind.DUPLICATE_THERE, ours, theirs.getLast());
    }
    ProviderOperation it = theirs.getFirst();
    if (it.amount() != ours.moved() || !it.currency().equals(ours.getCurrency())) {
      return difference(Kind.AMOUNT_DIFFERS, ours, it);
    }
    boolean settling = !ours.getStatus().isFinal() && ours.getCreatedAt().isAfter(settled);
    return settling || agrees(ours, it) ? null : difference(Kind.STATUS_DIFFERS, ours, it);
  }

  private static boolean agrees(Payment ours, ProviderOperation theirs) {
    return switch (ours.getStatus()) {
      case SUCCEEDED, RETURNED ->
          theirs.status().equals("approved") && theirs.returned() == ours.getReturned();
      case FAILED, CANCELED -> theirs.status().equals("declined");
      case PENDING, PROCESSING -> theirs.status().equals("pending");
      case REFUSED, UNREADABLE -> false;
    };
  }

  private static Difference difference(
      Kind kind, @Nullable Payment ours, @Nullable ProviderOperation theirs) {
    return new Difference(
        kind,
        ours == null ? null : ours.getId(),
        theirs == null ? null : theirs.id(),
        ours == null ? null : describe(ours),
        theirs == null ? null : describe(theirs));
  }

  private static String describe(Payment it) {
    String status = it.getStatus().name().toLowerCase(Locale.ROOT);
    return status + " " + it.moved() + " " + it.getCurrency();
  }

  private static String describe(ProviderOperation it) {
    String status = it.returned() > 0 ? "returned" : it.status();
    return status + " " + it.amount() + " " + it.currency();
  }
}
