package dev.evenkeel.payments.provider.stripe;

import com.stripe.exception.StripeException;
import com.stripe.model.Balance;
import com.stripe.model.BalanceTransaction;
import com.stripe.model.Dispute;
import com.stripe.model.HasId;
import com.stripe.model.PaymentIntent;
import com.stripe.model.Refund;
import com.stripe.model.StripeCollection;
import com.stripe.param.BalanceTransactionListParams;
import com.stripe.param.PaymentIntentListParams;
import com.stripe.param.RefundListParams;
import dev.evenkeel.payments.provider.Deduction;
import dev.evenkeel.payments.provider.ProviderBalance;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ReportPage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The report: Stripe's lists of a time span, one after the other. Payment intents and refunds
 * belong to the time at which they were made; disputes, failed refunds, fees and payouts to that at
 * which they moved money.
 */
final class StripeReport {

  private enum Section {
    PAYMENT_INTENTS,
    REFUNDS,
    DISPUTES,
    FAILED_REFUNDS,
    DEDUCTIONS
  }

  private static final Logger log = LoggerFactory.getLogger(StripeReport.class);

  /** Types of balance transactions that are fees themselves, besides those that have one. */
  private static final Set<String> FEES = Set.of("stripe_fee", "stripe_fx_fee", "tax_fee");

  /** Stripe's own view, for accounting, of types that may also be something else. */
  private static final Set<String> FEE_CATEGORIES = Set.of("fee", "network_cost");

  private static final Set<String> BANK_PAYOUTS =
      Set.of("payout", "payout_cancel", "payout_failure");

  private final long from;
  private final long to;
  private final StripeCalls calls;

  private StripeReport(Instant from, Instant to, StripeCalls calls) {
    this.from = from.getEpochSecond();
    this.to = to.getEpochSecond();
    this.calls = calls;
  }

  /**
   * @param after the section and, behind a colon, the last id of it that was read
   */
  static ReportPage page(Instant from, Instant to, @Nullable String after, StripeCalls calls)
      throws IOException, StripeException {
    String[] place = Objects.requireNonNullElse(after, "0:").split(":", 2);
    int section = Integer.parseInt(place[0]);
    if (section >= Section.values().length) {
      return new ReportPage(List.of(), List.of(), null);
    }
    String last = place[1].isEmpty() ? null : place[1];
    return new StripeReport(from, to, calls).page(Section.values()[section], last);
  }

  private ReportPage page(Section section, @Nullable String last)
      throws IOException, StripeException {
    StripeCollection<? extends HasId> page =
        switch (section) {
          case PAYMENT_INTENTS -> paymentIntents(last);
          case REFUNDS -> refunds(last);
          case DISPUTES -> balance("adjustment", "data.source.payment_intent", last);
          case FAILED_REFUNDS -> balance("refund_failure", "data.source", last);
          case DEDUCTIONS -> balance(null, null, last);
        };
    if (page.getData() == null) {
      throw new IOException("the provider's report cannot be read");
    }
    List<ProviderOperation> read = new ArrayList<>();
    List<Deduction> deductions = new ArrayList<>();
    for (HasId it : page.getData()) {
      if (section == Section.DEDUCTIONS) {
        deductions.addAll(deductions((BalanceTransaction) it));
        continue;
      }
      ProviderOperation line = read(it);
      if (line != null && (line.reference() != null || line.status().equals("approved"))) {
        read.add(line);
      }
    }
    boolean more = Boolean.TRUE.equals(page.getHasMore()) && !page.getData().isEmpty();
    return new ReportPage(
        read,
        deductions,
        more
            ? section.ordinal() + ":" + page.getData().getLast().getId()
            : section.ordinal() + 1 + ":");
  }

  private @Nullable ProviderOperation read(HasId object) throws IOException, StripeException {
    return switch (object) {
      case PaymentIntent it ->
          StripeReader.read(
              it,
              StripeReader.isDisputed(it) ? calls.disputes(it.getId()) : List.of(),
              StripeReader.declineCode(it));
      case Refund it -> StripeReader.read(it);
      case BalanceTransaction it when it.getSourceObject() instanceof Dispute dispute ->
          StripeReader.read(dispute, it.getCreated());
      case BalanceTransaction it when it.getSourceObject() instanceof Refund refund ->
          StripeReader.read(refund);
      default -> null;
    };
  }

  /** Reads what a transaction takes from our balance; its amount is what it adds. */
  private static List<Deduction> deductions(BalanceTransaction it) {
    if (it.getFee() == null || it.getAmount() == null || it.getCreated() == null) {
      log.warn("The balance transaction {} cannot be read", it.getId());
      return List.of();
    }
    String type = String.valueOf(it.getType());
    boolean isFee =
        FEES.contains(type) || FEE_CATEGORIES.contains(String.valueOf(it.getReportingCategory()));
    List<Deduction> deductions = new ArrayList<>();
    add(deductions, it, Deduction.Kind.FEE, isFee ? it.getFee() - it.getAmount() : it.getFee());
    if (BANK_PAYOUTS.contains(type)) {
      add(deductions, it, Deduction.Kind.BANK_PAYOUT, -it.getAmount());
    }
    return deductions;
  }

  private static void add(
      List<Deduction> deductions, BalanceTransaction it, Deduction.Kind kind, long taken) {
    String currency = StripeAmounts.currency(it.getCurrency());
    Long amount = StripeAmounts.signedFromStripe(taken, currency);
    if (amount == null) {
      log.warn("The balance transaction {} has an amount that cannot be posted", it.getId());
    } else if (amount != 0) {
      Instant at = Instant.ofEpochSecond(it.getCreated());
      deductions.add(new Deduction(it.getId(), kind, amount, currency, at));
    }
  }

  /** What Stripe holds for us, whether it can be paid out already or not. */
  static List<ProviderBalance> balances(StripeCalls calls) throws IOException, StripeException {
    Balance balance = calls.make((it, options) -> it.balance().retrieve(options));
    if (balance.getAvailable() == null || balance.getPending() == null) {
      throw new IOException("the provider's balance cannot be read");
    }
    Map<String, Long> sums = new TreeMap<>();
    balance.getAvailable().forEach(it -> sums.merge(it.getCurrency(), it.getAmount(), Long::sum));
    balance.getPending().forEach(it -> sums.merge(it.getCurrency(), it.getAmount(), Long::sum));
    List<ProviderBalance> balances = new ArrayList<>();
    sums.forEach((code, sum) -> {
      String currency = StripeAmounts.currency(code);
      Long amount = StripeAmounts.signedFromStripe(sum, currency);
      if (amount != null) {
        balances.add(new ProviderBalance(currency, amount));
      }
    });
    return balances;
  }

  private StripeCollection<PaymentIntent> paymentIntents(@Nullable String last)
      throws IOException, StripeException {
    var created = PaymentIntentListParams.Created.builder().setGte(from).setLt(to).build();
    var params =
        PaymentIntentListParams.builder()
            .setCreated(created)
            .setLimit(StripeCalls.PAGE_SIZE)
            .addExpand("data.latest_charge");
    if (last != null) {
      params.setStartingAfter(last);
    }
    return calls.make((it, options) -> it.paymentIntents().list(params.build(), options));
  }

  private StripeCollection<Refund> refunds(@Nullable String last)
      throws IOException, StripeException {
    var created = RefundListParams.Created.builder().setGte(from).setLt(to).build();
    var params = RefundListParams.builder().setCreated(created).setLimit(StripeCalls.PAGE_SIZE);
    if (last != null) {
      params.setStartingAfter(last);
    }
    return calls.make((it, options) -> it.refunds().list(params.build(), options));
  }

  private StripeCollection<BalanceTransaction> balance(
      @Nullable String type, @Nullable String expand, @Nullable String last)
      throws IOException, StripeException {
    var created = BalanceTransactionListParams.Created.builder().setGte(from).setLt(to).build();
    var params =
        BalanceTransactionListParams.builder()
            .setType(type)
            .setCreated(created)
            .setLimit(StripeCalls.PAGE_SIZE);
    if (expand != null) {
      params.addExpand(expand);
    }
    if (last != null) {
      params.setStartingAfter(last);
    }
    return calls.make((it, options) -> it.balanceTransactions().list(params.build(), options));
  }
}
