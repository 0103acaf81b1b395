package dev.evenkeel.payments.provider.stripe;

import com.stripe.model.Charge;
import com.stripe.model.Dispute;
import com.stripe.model.PaymentIntent;
import com.stripe.model.Refund;
import com.stripe.model.StripeError;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ProviderOperation.Return;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads Stripe's objects as operations. Each method returns null if a part that decides is missing
 * or has another form. The SDK's getters return null for what is not there.
 */
final class StripeReader {

  /** The name under which our reference is stored with Stripe's objects. */
  static final String REFERENCE = "reference";

  private StripeReader() {}

  /**
   * Whether Stripe has declined it, and waits for another instrument. It is not final before it is
   * canceled.
   */
  static boolean waitsForAnotherInstrument(PaymentIntent it) {
    return "requires_payment_method".equals(it.getStatus()) && declineCode(it) != null;
  }

  /** Returns why a payment intent was declined; null if it was not. */
  static @Nullable String declineCode(PaymentIntent it) {
    StripeError error = it.getLastPaymentError();
    Charge charge = it.getLatestChargeObject();
    String code = null;
    if (error != null) {
      code = Objects.requireNonNullElse(error.getDeclineCode(), error.getCode());
    } else if (charge != null && charge.getFailureCode() != null) {
      // Stripe promises to keep the error only until the payment intent changes.
      String reason = charge.getOutcome() == null ? null : charge.getOutcome().getReason();
      code = Objects.requireNonNullElse(reason, charge.getFailureCode());
    }
    return "payment_intent_authentication_failure".equals(code) ? "authentication_failed" : code;
  }

  /** Whether a dispute may have taken money back; only an expanded charge says so. */
  static boolean isDisputed(PaymentIntent it) {
    Charge charge = it.getLatestChargeObject();
    return charge != null && Boolean.TRUE.equals(charge.getDisputed());
  }

  static @Nullable String redirectUrl(PaymentIntent it) {
    PaymentIntent.NextAction action = it.getNextAction();
    return action == null || action.getRedirectToUrl() == null
        ? null
        : action.getRedirectToUrl().getUrl();
  }

  /**
   * @param declineCode why it was declined before it was canceled; null if it was not
   */
  static @Nullable ProviderOperation read(
      PaymentIntent it, List<Dispute> disputes, @Nullable String declineCode) {
    List<Return> returns = returns(disputes, it.getCurrency());
    String status =
        switch (String.valueOf(it.getStatus())) {
          case "succeeded" -> "approved";
          case "requires_capture" -> "authorized";
          case "requires_action", "requires_confirmation", "processing" -> "pending";
          case "requires_payment_method" -> declineCode == null ? "unknown" : "declined";
          case "canceled" -> declineCode == null ? "canceled" : "declined";
          default -> "unknown";
        };
    Long amount = status.equals("approved") ? it.getAmountReceived() : it.getAmount();
    return returns == null
        ? null
        : operation(
            "payment_intent".equals(it.getObject()) ? it.getId() : null,
            "charge",
            it.getMetadata(),
            amount,
            it.getCurrency(),
            status,
            declineCode,
            returns,
            it.getCreated());
  }

  /** A refund that fails after its money has left is approved, and its money has come back. */
  static @Nullable ProviderOperation read(Refund it) {
    String cameBack = it.getFailureBalanceTransaction();
    String currency = StripeAmounts.currency(it.getCurrency());
    Long amount = StripeAmounts.fromStripe(it.getAmount(), currency);
    String status =
        switch (String.valueOf(it.getStatus())) {
          case "succeeded" -> "approved";
          case "pending", "requires_action" -> "pending";
          case "failed" -> cameBack == null ? "declined" : "approved";
          case "canceled" -> cameBack == null ? "canceled" : "approved";
          default -> "unknown";
        };
    return operation(
        "refund".equals(it.getObject()) ? it.getId() : null,
        "refund",
        it.getMetadata(),
        it.getAmount(),
        it.getCurrency(),
        status,
        it.getFailureReason(),
        cameBack == null || amount == null
            ? List.of()
            : List.of(new Return(cameBack, amount, false)),
        it.getCreated());
  }

  /** Reads a dispute as a line of the report; its payment intent must be expanded. */
  static @Nullable ProviderOperation read(Dispute it, @Nullable Long at) {
    PaymentIntent charged = it.getPaymentIntentObject();
    List<Return> returns = returns(List.of(it), it.getCurrency());
    if (charged == null || returns == null || returns.isEmpty()) {
      return null;
    }
    Return taken = returns.getFirst();
    return new ProviderOperation(
        taken.id(),
        taken.id(),
        metadata(charged.getMetadata()),
        "return",
        taken.amount(),
        StripeAmounts.currency(it.getCurrency()),
        "approved",
        null,
        List.of(),
        taken.reinstated(),
        at == null ? null : Instant.ofEpochSecond(at));
  }

  /**
   * The disputes that took money, by their balance transactions. One that gave back less than it
   * took is not reinstated.
   */
  private static @Nullable List<Return> returns(List<Dispute> disputes, @Nullable String currency) {
    List<Return> returns = new ArrayList<>();
    for (Dispute it : disputes) {
      List<Long> moved =
          it.getBalanceTransactions() == null
              ? List.of()
              : it.getBalanceTransactions().stream().map(moving -> moving.getAmount()).toList();
      if (moved.stream().anyMatch(amount -> amount < 0)) {
        String code = StripeAmounts.currency(it.getCurrency());
        Long amount = StripeAmounts.fromStripe(it.getAmount(), code);
        if (amount == null
            || amount <= 0
            || !isId(it.getId())
            || !it.getCurrency().equals(currency)) {
          return null;
        }
        long net = moved.stream().mapToLong(Long::longValue).sum();
        returns.add(new Return(it.getId(), amount, net >= 0));
      }
    }
    return returns;
  }

  private static @Nullable ProviderOperation operation(
      @Nullable String id,
      String kind,
      @Nullable Map<String, String> metadata,
      @Nullable Long amount,
      @Nullable String currency,
      String status,
      @Nullable String code,
      List<Return> returns,
      @Nullable Long created) {
    String iso = StripeAmounts.currency(currency);
    Long minorUnits = StripeAmounts.fromStripe(amount, iso);
    String reference = metadata(metadata);
    return minorUnits == null || id == null || !isId(id)
        ? null
        : new ProviderOperation(
            id,
            Objects.requireNonNullElse(reference, id),
            reference,
            kind,
            minorUnits,
            iso,
            status,
            code,
            returns,
            false,
            created == null ? null : Instant.ofEpochSecond(created));
  }

  private static @Nullable String metadata(@Nullable Map<String, String> metadata) {
    String reference = metadata == null ? null : metadata.get(REFERENCE);
    return reference != null && reference.matches("[\\w-]{1,255}") ? reference : null;
  }

  static boolean isId(@Nullable String id) {
    return id != null && id.matches("\\w{1,255}");
  }
}
