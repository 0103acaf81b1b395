package dev.evenkeel.payments;

import static java.util.Comparator.naturalOrder;

import com.fasterxml.jackson.annotation.JsonValue;
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
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Gatherers;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Compares a day of ours with the provider's list. It finds; it never repairs. */
@Component
public class Reconciliation {

  /** What is younger may still be on its way. */
  private static final Duration SETTLED = Duration.ofHours(1);

  /** How far our clock and the provider's, and an attempt and its operation, lie apart. */
  private static final Duration WIDER = Duration.ofDays(1);

  /** A statement has room for so many parameters, and time for so many rows. */
  private static final int AT_ONCE = 1000;

  private static final UUID FIRST = new UUID(0, 0);

  private final PaymentGateway provider;
  private final PaymentRepository payments;

  Reconciliation(PaymentGateway provider, PaymentRepository payments) {
    this.provider = provider;
    this.payments = payments;
  }

  /**
   * @param matched how many of ours agree with the provider
   */
  public record Report(LocalDate day, long matched, List<Difference> differences) {}

  /**
   * @param payment ours, or a refund; {@code operation} the provider's
   * @param ours such as {@code succeeded 1250 EUR}
   */
  public record Difference(
      Kind kind,
      @Nullable UUID payment,
      @Nullable String operation,
      @Nullable String ours,
      @Nullable String theirs) {

    static Difference of(Kind kind, @Nullable Payment ours, @Nullable ProviderOperation theirs) {
      return new Difference(
          kind,
          ours == null ? null : ours.getId(),
          theirs == null ? null : theirs.id(),
          ours == null ? null : shown(ours),
          theirs == null ? null : shown(theirs));
    }

    private static String shown(Payment it) {
      String status = it.getStatus().name().toLowerCase(Locale.ROOT);
      return status + " " + it.getAmount() + " " + it.getCurrency();
    }

    private static String shown(ProviderOperation it) {
      String status = it.returned() == null ? it.status() : "returned";
      return status + " " + it.amount() + " " + it.currency();
    }
  }

  /** In what way the two differ. */
  public enum Kind {
    AMOUNT_DIFFERS,
    STATUS_DIFFERS,
    MISSING_THERE,
    MISSING_HERE,
    DUPLICATE_THERE;

    @JsonValue
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Holds no connection while the provider answers. Ours come first: what succeeds meanwhile is not
   * missed there.
   *
   * @param day in UTC
   * @throws IOException if the provider gives no usable answer
   */
  @Transactional(propagation = Propagation.NEVER)
  public Report compare(LocalDate day) throws IOException {
    Instant from = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    Instant to = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    Instant settled = payments.now().minus(SETTLED);
    List<Payment> ours = sent(from, to);
    Instant ended =
        ours.stream()
            .map(Payment::getFinalAt)
            .filter(Objects::nonNull)
            .max(naturalOrder())
            .filter(to::isBefore)
            .orElse(to);
    List<ProviderOperation> all = provider.operations(from.minus(WIDER), ended.plus(WIDER));
    Map<String, List<ProviderOperation>> byKey =
        all.stream().collect(Collectors.groupingBy(ProviderOperation::key));
    List<Difference> differences = new ArrayList<>();
    long matched = 0;
    for (Payment payment : ours) {
      List<ProviderOperation> theirs = byKey.getOrDefault(payment.getId().toString(), List.of());
      Optional<Difference> difference = difference(payment, theirs, settled);
      difference.ifPresent(differences::add);
      if (difference.isEmpty() && (payment.getStatus().isFinal() || !theirs.isEmpty())) {
        matched++;
      }
    }
    Set<String> compared =
        ours.stream().map(it -> it.getId().toString()).collect(Collectors.toSet());
    List<ProviderOperation> ofTheDay =
        all.stream()
            .filter(it -> !it.at().isBefore(from) && it.at().isBefore(to))
            .filter(it -> it.at().isBefore(settled))
            .filter(it -> !compared.contains(it.key()))
            .toList();
    differences.addAll(elsewhere(ofTheDay, settled));
    differences.addAll(unheard(ofTheDay, compared));
    return new Report(day, matched, differences);
  }

  /** Ours of the day, in the order in which they were accepted. */
  private List<Payment> sent(Instant from, Instant to) {
    List<Payment> sent = new ArrayList<>();
    List<Payment> page = payments.findSent(from, FIRST, to, Limit.of(AT_ONCE));
    while (!page.isEmpty()) {
      sent.addAll(page);
      Payment last = page.getLast();
      page = payments.findSent(last.getCreatedAt(), last.getId(), to, Limit.of(AT_ONCE));
    }
    return sent;
  }

  /** Operations of the day for payments of other days, or for none of ours. */
  private List<Difference> elsewhere(List<ProviderOperation> theirs, Instant settled) {
    List<ProviderOperation> orders = theirs.stream().filter(it -> !it.isReturn()).toList();
    Map<String, Payment> ours =
        orders.stream()
            .flatMap(Reconciliation::id)
            .distinct()
            .gather(Gatherers.windowFixed(AT_ONCE))
            .flatMap(ids -> payments.findByIdIn(ids).stream())
            .collect(Collectors.toMap(it -> it.getId().toString(), Function.identity()));
    return orders.stream()
        .flatMap(it -> difference(ours.get(it.key()), it, settled).stream())
        .toList();
  }

  /** What was taken back of payments of other days, without our knowing. */
  private List<Difference> unheard(List<ProviderOperation> theirs, Set<String> compared) {
    Map<String, ProviderOperation> returns =
        theirs.stream()
            .filter(ProviderOperation::isReturn)
            .collect(
                Collectors.toMap(
                    it -> String.valueOf(it.of()), Function.identity(), (first, _) -> first));
    return returns.keySet().stream()
        .gather(Gatherers.windowFixed(AT_ONCE))
        .flatMap(operations -> payments.findByProviderOperationIn(operations).stream())
        .filter(it -> it.getStatus() == PaymentStatus.SUCCEEDED)
        .filter(it -> !compared.contains(it.getId().toString()))
        .map(it -> Difference.of(Kind.STATUS_DIFFERS, it, returns.get(it.providerOperation())))
        .toList();
  }

  private static Stream<UUID> id(ProviderOperation operation) {
    try {
      return Stream.of(UUID.fromString(operation.key()));
    } catch (IllegalArgumentException notOurs) {
      return Stream.empty();
    }
  }

  /** One operation alone: that of another day may be a second one. */
  private static Optional<Difference> difference(
      @Nullable Payment ours, ProviderOperation theirs, Instant settled) {
    if (ours == null) {
      return Optional.of(Difference.of(Kind.MISSING_HERE, null, theirs));
    }
    String known = ours.providerOperation();
    return known == null || known.equals(theirs.id())
        ? difference(ours, List.of(theirs), settled)
        : Optional.of(Difference.of(Kind.DUPLICATE_THERE, ours, theirs));
  }

  private static Optional<Difference> difference(
      Payment ours, List<ProviderOperation> theirs, Instant settled) {
    if (theirs.size() > 1) {
      return Optional.of(Difference.of(Kind.DUPLICATE_THERE, ours, theirs.getLast()));
    }
    boolean settling = !ours.getStatus().isFinal() && ours.getCreatedAt().isAfter(settled);
    if (theirs.isEmpty()) {
      return ours.getStatus().hasSucceeded()
          ? Optional.of(Difference.of(Kind.MISSING_THERE, ours, null))
          : Optional.empty();
    }
    ProviderOperation it = theirs.getFirst();
    if (it.amount() != ours.getAmount() || !it.currency().equals(ours.getCurrency())) {
      return Optional.of(Difference.of(Kind.AMOUNT_DIFFERS, ours, it));
    }
    return settling || agrees(ours.getStatus(), it)
        ? Optional.empty()
        : Optional.of(Difference.of(Kind.STATUS_DIFFERS, ours, it));
  }

  private static boolean agrees(PaymentStatus ours, ProviderOperation theirs) {
    return switch (ours) {
      case SUCCEEDED -> theirs.status().equals("approved") && theirs.returned() == null;
      case RETURNED -> theirs.returned() != null;
      case FAILED, CANCELED -> theirs.status().equals("declined");
      case PENDING, PROCESSING -> theirs.status().equals("pending");
      case REFUSED -> false;
    };
  }
}
