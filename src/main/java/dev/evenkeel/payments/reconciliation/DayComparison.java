package dev.evenkeel.payments.reconciliation;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.Reconciliation.Difference;
import dev.evenkeel.payments.Reconciliation.Kind;
import dev.evenkeel.payments.provider.ProviderOperation;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compares one day's payments with the report, and the day's lines of the report with payments. */
final class DayComparison {

  /** The age below which an operation or an unfinished payment may still be in progress. */
  static final Duration SETTLING_TIME = Duration.ofHours(1);

  private final ReconciliationRepository payments;
  private final ReportedOperations report;
  final Instant from;
  final Instant to;
  private final Instant began;
  private final Instant settled;

  /**
   * @param began when the run began to fetch the report: what became final since may not be in it
   */
  DayComparison(
      LocalDate day, Instant began, ReconciliationRepository payments, ReportedOperations report) {
    this.from = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    this.to = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    this.began = began;
    this.settled = began.minus(SETTLING_TIME);
    this.payments = payments;
    this.report = report;
  }

  /**
   * @param matched how many of our payments agree with the provider
   */
  record Result(long matched, List<Difference> differences) {}

  /** Compares payments of the day, at most a page. */
  Result compare(List<Payment> ours) {
    Map<String, List<ProviderOperation>> byKey =
        ours.isEmpty()
            ? Map.of()
            : report.findByKeys(ours.stream().map(it -> it.getId().toString()).toList()).stream()
                .collect(groupingBy(ProviderOperation::key));
    List<Difference> differences = new ArrayList<>();
    long matched = 0;
    for (Payment payment : ours) {
      List<ProviderOperation> theirs = byKey.getOrDefault(payment.getId().toString(), List.of());
      Difference difference = difference(payment, theirs);
      if (difference != null) {
        differences.add(difference);
      } else if (payment.getStatus().isFinal() || !theirs.isEmpty()) {
        matched++;
      }
    }
    return new Result(matched, differences);
  }

  /** Compares the day's operations that belong to payments of other days, or to none of ours. */
  List<Difference> compareOthers(List<ProviderOperation> page) {
    List<ProviderOperation> theirs =
        page.stream().filter(it -> it.mayBeWithin(from, settled)).toList();
    List<Difference> differences = new ArrayList<>(unknownReturns(theirs));
    List<ProviderOperation> operations = theirs.stream().filter(it -> !it.isReturn()).toList();
    List<UUID> ids = operations.stream().flatMap(DayComparison::paymentId).distinct().toList();
    Map<String, Payment> ours =
        payments.findByIdIn(ids).stream()
            .collect(toMap(it -> it.getId().toString(), Function.identity()));
    Set<String> compared = compared(ids);
    for (ProviderOperation it : operations) {
      Difference difference =
          compared.contains(it.key()) ? null : differenceOfOtherDay(ours.get(it.key()), it);
      if (difference != null) {
        differences.add(difference);
      }
    }
    return differences;
  }

  private static Stream<UUID> paymentId(ProviderOperation operation) {
    try {
      return Stream.of(UUID.fromString(operation.key()));
    } catch (IllegalArgumentException notOurs) {
      return Stream.empty();
    }
  }

  /** Finds which of these payments are compared as payments of the day. */
  private Set<String> compared(Collection<UUID> ids) {
    return ids.isEmpty()
        ? Set.of()
        : payments.findSentIds(ids, from, to).stream().map(UUID::toString).collect(toSet());
  }

  /** Finds the day's returns that are not booked, but for those of the day's own payments. */
  private List<Difference> unknownReturns(List<ProviderOperation> theirs) {
    List<ProviderOperation> returns = theirs.stream().filter(ProviderOperation::isReturn).toList();
    List<String> ids = returns.stream().map(ProviderOperation::id).toList();
    Set<String> booked = payments.findBooked(Movement.Kind.RETURNED, ids);
    Set<String> reinstated = payments.findBooked(Movement.Kind.REINSTATED, ids);
    List<UUID> references = returns.stream().flatMap(DayComparison::originalPayment).toList();
    Map<String, Payment> originals =
        payments.findByIdIn(references).stream()
            .collect(toMap(it -> it.getId().toString(), Function.identity()));
    Set<String> compared = compared(references);
    return returns.stream()
        .filter(it -> !(it.reinstated() ? reinstated : booked).contains(it.id()))
        .filter(it -> !compared.contains(String.valueOf(it.reference())))
        .map(it -> {
          Payment original = originals.get(String.valueOf(it.reference()));
          Kind kind = original == null ? Kind.MISSING_HERE : Kind.STATUS_DIFFERS;
          return difference(kind, original, it);
        })
        .toList();
  }

  private static Stream<UUID> originalPayment(ProviderOperation returning) {
    try {
      return Stream.of(UUID.fromString(String.valueOf(returning.reference())));
    } catch (IllegalArgumentException notOurs) {
      return Stream.empty();
    }
  }

  /** Another operation than the one we know is a duplicate, even if it is the only one that day. */
  private @Nullable Difference differenceOfOtherDay(
      @Nullable Payment ours, ProviderOperation theirs) {
    if (ours == null) {
      return difference(Kind.MISSING_HERE, null, theirs);
    }
    String known = ours.providerOperation();
    return known == null || known.equals(theirs.id())
        ? difference(ours, List.of(theirs))
        : difference(Kind.DUPLICATE_THERE, ours, theirs);
  }

  private @Nullable Difference difference(Payment ours, List<ProviderOperation> theirs) {
    if (theirs.isEmpty()) {
      return ours.getStatus().hasSucceeded() && !isJustFinal(ours)
          ? difference(Kind.MISSING_THERE, ours, null)
          : null;
    }
    if (theirs.size() > 1) {
      return difference(Kind.DUPLICATE_THERE, ours, theirs.getLast());
    }
    ProviderOperation it = theirs.getFirst();
    if (it.amount() != ours.moved() || !it.currency().equals(ours.getCurrency())) {
      return difference(Kind.AMOUNT_DIFFERS, ours, it);
    }
    boolean settling = !ours.getStatus().isFinal() && ours.getCreatedAt().isAfter(settled);
    return settling || isJustFinal(ours) || agrees(ours, it)
        ? null
        : difference(Kind.STATUS_DIFFERS, ours, it);
  }

  private boolean isJustFinal(Payment ours) {
    Instant finalAt = ours.getFinalAt();
    return finalAt != null && !finalAt.isBefore(began);
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
        theirs == null ? null : describe(theirs),
        false);
  }

  private static String describe(Payment it) {
    String status = it.getStatus().name().toLowerCase(Locale.ROOT);
    return status + " " + it.moved() + " " + it.getCurrency();
  }

  private static String describe(ProviderOperation it) {
    String status = it.returned() > 0 ? "returned" : it.status();
    return status + " " + it.amount() + " " + it.currency();
  }

  /** Compares again what was found before. */
  List<Difference> compareAgain(List<Difference> found) {
    List<UUID> ids =
        found.stream()
            .map(Difference::payment)
            .filter(Objects::nonNull)
            .map(it -> it.value())
            .distinct()
            .toList();
    List<String> operations =
        found.stream().map(Difference::operation).filter(Objects::nonNull).distinct().toList();
    List<Difference> still = new ArrayList<>();
    still.addAll(compare(payments.findByIdIn(payments.findSentIds(ids, from, to))).differences());
    if (!operations.isEmpty()) {
      List<ProviderOperation> theirs = report.findByIds(operations);
      still.addAll(compareOthers(theirs.stream().filter(it -> it.mayBeWithin(from, to)).toList()));
    }
    return still;
  }
}
