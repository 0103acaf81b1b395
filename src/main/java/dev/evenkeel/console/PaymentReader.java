package dev.evenkeel.console;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.Transfers;
import dev.evenkeel.database.Ids;
import dev.evenkeel.http.Caller;
import dev.evenkeel.notifications.Notification; // part of notifications
import dev.evenkeel.notifications.Notifications; // part of notifications
import dev.evenkeel.notifications.WebhookDeliveries; // part of notifications
import dev.evenkeel.notifications.WebhookDelivery; // part of notifications
import dev.evenkeel.observability.traces.KeptTraces;
import dev.evenkeel.payments.PaymentDetails;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.Payments;
import dev.evenkeel.payments.Refunds;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Reads what the page of a payment shows. What another module knows of it is left out if the caller
 * lacks that module's scope.
 */
@ConsolePart
@Component
class PaymentReader {

  /** Of each list. Few payments have three rows of one. */
  private static final int MAX_ROWS = 50;

  /** A page stays live for so long after the end, as others learn of it later. */
  private static final Duration AFTERMATH = Duration.ofMinutes(1);

  /** Then it is read this often: a charge-back, or a late webhook, comes when nobody expects it. */
  private static final Duration REST = Duration.ofSeconds(5);

  private static final String LIVE = "live";

  private final Payments payments;
  private final Refunds refunds;
  private final Accounts accounts;
  private final Transfers transfers;
  private final KeptTraces traces;
  private final Notifications notifications; // part of notifications
  private final WebhookDeliveries deliveries; // part of notifications

  PaymentReader(
      Payments payments,
      Refunds refunds,
      Accounts accounts,
      Transfers transfers,
      Notifications notifications, // part of notifications
      WebhookDeliveries deliveries, // part of notifications
      KeptTraces traces) {
    this.payments = payments;
    this.refunds = refunds;
    this.accounts = accounts;
    this.transfers = transfers;
    this.notifications = notifications; // part of notifications
    this.deliveries = deliveries; // part of notifications
    this.traces = traces;
  }

  /** A posting with those of its entries that the caller may see. */
  record Posting(Transfer transfer, List<Transfer.Entry> entries) {

    static Posting of(Transfer transfer, Caller caller) {
      return new Posting(
          transfer,
          transfer.entries().stream()
              .filter(entry -> entry.customer() != null && caller.maySee(entry.customer().owner()))
              .toList());
    }
  }

  // part of notifications
  /** A notification with its deliveries to webhook endpoints. */
  record Told(Notification notification, List<WebhookDelivery> deliveries) {}

  // end of notifications

  /**
   * The model of the page.
   *
   * @throws dev.evenkeel.problems.ProblemException 404 if the caller may not see the payment
   */
  Map<String, Object> read(PaymentId id, Caller caller) {
    PaymentDetails payment =
        caller.visible(payments.find(id).map(PaymentDetails::of), PaymentDetails::owner);
    List<PaymentDetails> refunded =
        refunds.list(id, new PaymentId(Ids.LAST), MAX_ROWS).stream()
            .map(PaymentDetails::of)
            .toList();
    Instant now = Instant.now();
    Map<String, Object> page = new HashMap<>();
    page.put("caller", caller);
    page.put("payment", payment);
    page.put("refunds", refunded);
    page.put("underWay", payment.calls().isUnderWay(now));
    page.put(
        LIVE,
        Stream.concat(Stream.of(payment), refunded.stream())
            .anyMatch(it -> isLive(it.finalAt(), now)));
    if (caller.scopes().contains("accounts:read")) {
      accounts.find(payment.account()).map(Account::name).ifPresent(it -> page.put("account", it));
      page.put(
          "postings",
          transfers.ofPayment(id.value(), MAX_ROWS).stream()
              .map(transfer -> Posting.of(transfer, caller))
              .toList());
    }
    // part of notifications
    if (caller.scopes().contains("notifications:read")) {
      page.put("told", told(payment, refunded));
    }
    // end of notifications
    String trace = payment.traceId();
    if (trace != null && caller.isOperator()) {
      page.put("waterfall", Waterfall.of(traces.spans(trace)));
    }
    return page;
  }

  /** Reads again and again, less often when nothing is expected to change any more. */
  Supplier<Map<String, Object>> follow(PaymentId id, Caller caller) {
    return new Following(() -> read(id, caller));
  }

  /** Reads rarely what is not expected to change any more. */
  static final class Following implements Supplier<Map<String, Object>> {

    private final Supplier<Map<String, Object>> read;
    private @Nullable Map<String, Object> last;
    private long readAt;

    Following(Supplier<Map<String, Object>> read) {
      this.read = read;
    }

    @Override
    public Map<String, Object> get() {
      if (last == null
          || last.get(LIVE) == Boolean.TRUE
          || System.nanoTime() - readAt > REST.toNanos()) {
        last = read.get();
        readAt = System.nanoTime();
      }
      return last;
    }
  }

  static boolean isLive(@Nullable Instant end, Instant now) {
    return end == null || end.plus(AFTERMATH).isAfter(now);
  }

  // part of notifications
  private List<Told> told(PaymentDetails payment, List<PaymentDetails> refunds) {
    List<UUID> subjects =
        Stream.concat(Stream.of(payment), refunds.stream()).map(it -> it.id().value()).toList();
    List<Notification> about = notifications.about(payment.owner(), subjects, MAX_ROWS);
    Map<UUID, List<WebhookDelivery>> delivered =
        deliveries.of(about.stream().map(Notification::id).toList(), MAX_ROWS);
    return about.stream()
        .map(it -> new Told(it, delivered.getOrDefault(it.id(), List.of())))
        .toList();
  }
  // end of notifications
}
