package dev.evenkeel.payments.reconciliation;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.partitioningBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import dev.evenkeel.payments.Finding;
import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.Reconciliation.Difference;
import dev.evenkeel.payments.Reconciliation.Kind;
import dev.evenkeel.payments.provider.ProviderOperation;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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

  final LocalDate day;
  final Instant began;
  final Instant from;
  final Instant to;
  private final Instant settled;
  private final String provider;
  private final ReconciliationRepository payments;
  private final ReportedOperations report;

  /**
   * @param began when the run began to fetch the report: what became final since may not be in it
   * @param provider whose report it is
   */
  DayComparison(
      LocalDate day,
      Instant began,
      String provider,
      ReconciliationRepository payments,
      ReportedOperations report) {
    this.day = day;
    this.began = began;
    this.from = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    this.to = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    this.settled = began.minus(SETTLING_TIME);
    this.provider = provider;
    this.payments = payments;
    this.report = report;
  }

  /**
   * @param matched our payments that agree with the provider, each with its operations there
   */
  record Result(Map<UUID, List<String>> matched, List<Difference> differences) {}

  /** Compares payments of the day, at most a page. */
  Result compare(List<Payment> ours) {
    Map<String, List<ProviderOperation>> byKey =
        ours.isEmpty()
            ? Map.of()
            : report.findByKeys(ours.stream().map(it -> it.getId().toString()).toList()).stream()
                .collect(groupingBy(ProviderOperation::key));
    List<Difference> differences = new ArrayList<>();
    Map<UUID, List<String>> matched = new HashMap<>();
    for (Payment payment : ours) {
      List<ProviderOperation> theirs = byKey.getOrDefault(payment.getId().toString(), List.of());
      List<Difference> found = differences(payment, theirs);
      differences.addAll(found);
      if (found.isEmpty() && (payment.getStatus().isFinal() || !theirs.isEmpty())) {
        matched.put(payment.getId().value(), theirs.stream().map(ProviderOperation::id).toList());
      }
    }
    return new Result(matched, differences);
  }

  /** Compares the day's operations that belong to payments of other days, or to none of ours. */
  List<Difference> compareOthers(List<ProviderOperation> page) {
    List<ProviderOperation> theirs =
        page.stream().filter(it -> it.mayBeWithin(from, settled)).toList();
    List<UUID> ids = theirs.stream().flatMap(DayComparison::paymentId).distinct().toList();
    Map<String, Payment> ours =
        payments.findByIdIn(ids).stream()
            .filter(it -> it.getStatus() != PaymentStatus.REFUSED)
            .collect(toMap(it -> it.getId().toString(), Function.identity()));
    Set<String> ofTheDay =
        payments.findSentIds(provider, ids, from, to).stream().map(UUID::toString).collect(toSet());
    Set<String> booked = bookedReturns(theirs);
    return theirs.stream()
        .filter(it -> !ofTheDay.contains(paymentKey(it)) && !booked.contains(it.id()))
        .map(it -> differenceOfOtherDay(ours.get(paymentKey(it)), it))
        .filter(Objects::nonNull)
        .toList();
  }

  /** The id of the payment that was made or taken back, if it is one of ours. */
  private static String paymentKey(ProviderOperation it) {
    return it.isReturn() ? String.valueOf(it.reference()) : it.key();
  }

  private static Stream<UUID> paymentId(ProviderOperation operation) {
    try {
      return Stream.of(UUID.fromString(paymentKey(operation)));
    } catch (IllegalArgumentException notOurs) {
      return Stream.empty();
    }
  }

  /** Finds which of these are returns that are booked as they are now: taken back or reinstated. */
  private Set<String> bookedReturns(List<ProviderOperation> theirs) {
    Map<Boolean, List<String>> returns =
        theirs.stream()
            .filter(ProviderOperation::isReturn)
            .collect(
                partitioningBy(
                    ProviderOperation::reinstated, mapping(ProviderOperation::id, toList())));
    Set<String> booked = new HashSet<>();
    returns.forEach((reinstated, ids) ->
        booked.addAll(
            payments.findBooked(
                reinstated ? Movement.Kind.REINSTATED : Movement.Kind.RETURNED, ids)));
    return booked;
  }

  /** Another operation than the one we know is a duplicate, even if it is the only one that day. */
  private @Nullable Difference differenceOfOtherDay(
      @Nullable Payment ours, ProviderOperation theirs) {
    if (ours == null) {
      return difference(Kind.MISSING_HERE, null, theirs);
    }
    if (theirs.isReturn()) {
      return difference(Kind.STATUS_DIFFERS, ours, theirs);
    }
    String known = ours.providerOperation();
    return known == null || known.equals(theirs.id())
        ? difference(ours, theirs)
        : difference(Kind.DUPLICATE_THERE, ours, theirs);
  }

  /** Of several operations under our key one may be the one that we know: what is new there? */
  private List<Difference> differences(Payment ours, List<ProviderOperation> theirs) {
    if (theirs.isEmpty()) {
      return ours.getStatus().hasSucceeded() && !isJustFinal(ours)
          ? List.of(difference(Kind.MISSING_THERE, ours, null))
          : List.of();
    }
    ProviderOperation known =
        theirs.stream()
            .filter(it -> it.id().equals(ours.providerOperation()))
            .findFirst()
            .orElse(theirs.getFirst());
    return theirs.stream()
        .map(it -> it == known ? difference(ours, it) : difference(Kind.DUPLICATE_THERE, ours, it))
        .filter(Objects::nonNull)
        .toList();
  }

  private @Nullable Difference difference(Payment ours, ProviderOperation it) {
    if (isJustFinal(ours) && ours.request().manualCapture()) {
      return null; // The report may be older than the capture.
    }
    if (!amountAgrees(ours, it) || !it.currency().equals(ours.getCurrency())) {
      return difference(Kind.AMOUNT_DIFFERS, ours, it);
    }
    boolean settling = !ours.getStatus().isFinal() && lastRequest(ours).isAfter(settled);
    return settling || isJustFinal(ours) || agrees(ours, it)
        ? null
        : difference(Kind.STATUS_DIFFERS, ours, it);
  }

  private static boolean amountAgrees(Payment ours, ProviderOperation it) {
    Long capture = ours.getCapture();
    return it.amount() == ours.moved()
        || capture != null && it.amount() == capture && it.status().equals("approved");
  }

  /** When the owner, or the end of a wait, last asked for something. */
  private static Instant lastRequest(Payment ours) {
    return Objects.requireNonNullElse(ours.getFollowUpAt(), ours.getCreatedAt());
  }

  private boolean isJustFinal(Payment ours) {
    Instant finalAt = ours.getFinalAt();
    return finalAt != null && !finalAt.isBefore(began);
  }

  private static boolean agrees(Payment ours, ProviderOperation theirs) {
    return switch (ours.getStatus()) {
      case SUCCEEDED, RETURNED ->
          theirs.status().equals("approved") && theirs.returned() == ours.getReturned();
      case FAILED, CANCELED -> theirs.hasMovedNothing();
      case PENDING, PROCESSING, REQUIRES_ACTION -> theirs.status().equals("pending");
      case AUTHORIZED -> theirs.status().equals("authorized");
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
        theirs == null ? null : Finding.of(ours, theirs).text(),
        false);
  }

  private static String describe(Payment it) {
    String status = it.getStatus().name().toLowerCase(Locale.ROOT);
    return status + " " + it.moved() + " " + it.getCurrency();
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
    still.addAll(
        compare(payments.findByIdIn(payments.findSentIds(provider, ids, from, to))).differences());
    if (!operations.isEmpty()) {
      List<ProviderOperation> theirs = report.findByIds(operations);
      still.addAll(compareOthers(theirs.stream().filter(it -> it.mayBeWithin(from, to)).toList()));
    }
    return still;
  }
}
