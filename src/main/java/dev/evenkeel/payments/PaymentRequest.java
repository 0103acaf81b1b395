package dev.evenkeel.payments;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.ProviderRequest;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.AttributeOverride;
import jakarta.persistence.Column;
import jakarta.persistence.Converter;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import java.util.Map;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * A request for a payment, kept unchanged with the payment.
 *
 * @param keyed the caller, who owns the account, and the idempotency key
 * @param instrument the provider's token for a card or an account, never its number; null for a
 *     refund, which goes back to the source of the money
 * @param refundOf the refunded payment; null unless this is a refund
 * @param metadata null if there is none
 * @param manualCapture whether a pay-in is only authorized, until its owner captures it
 */
@Embeddable
public record PaymentRequest(
    @Embedded @AttributeOverride(name = "key", column = @Column(name = "idempotency_key"))
        IdempotentRequest keyed,
    @Embedded @AttributeOverride(name = "value", column = @Column(name = "account"))
        AccountId account,
    PaymentKind kind,
    @Embedded @AttributeOverride(name = "minorUnits", column = @Column(name = "amount"))
        Money money,
    @Nullable String instrument,
    @Embedded @AttributeOverride(name = "value", column = @Column(name = "refund_of"))
        @Nullable PaymentId refundOf,
    @Nullable String description,
    @Nullable String reference,
    @JdbcTypeCode(SqlTypes.JSON) @Nullable Map<String, String> metadata,
    boolean manualCapture)
    implements PaymentIntake.NewPayment {

  /** Builds the request for a refund of the payment that this request made. */
  PaymentRequest refund(IdempotentRequest refund, PaymentId payment, Money money) {
    return new PaymentRequest(
        refund, account, PaymentKind.REFUND, money, null, payment, description, null, null, false);
  }

  /** Builds the request to the provider. The id of the payment is its reference and its key. */
  ProviderRequest toProvider(PaymentId id, long amount, @Nullable String charge) {
    ProviderRequest.Kind operation =
        switch (kind) {
          case PAY_IN -> ProviderRequest.Kind.CHARGE;
          case PAY_OUT -> ProviderRequest.Kind.PAYOUT;
          case REFUND -> ProviderRequest.Kind.REFUND;
          case UNREADABLE -> throw new IllegalStateException("unreadable");
        };
    return new ProviderRequest(
        new ProviderRequest.Order(
            operation,
            id.value(),
            amount,
            money.currencyCode(),
            instrument,
            refundOf == null ? null : refundOf.value(),
            charge,
            manualCapture));
  }

  @Converter(autoApply = true)
  static final class StoredKey implements AttributeConverter<IdempotencyKey, String> {

    @Override
    public String convertToDatabaseColumn(IdempotencyKey key) {
      return key.value();
    }

    @Override
    public IdempotencyKey convertToEntityAttribute(String value) {
      return new IdempotencyKey(value);
    }
  }

  @Converter(autoApply = true)
  static final class StoredFingerprint implements AttributeConverter<Fingerprint, byte[]> {

    @Override
    public byte[] convertToDatabaseColumn(Fingerprint fingerprint) {
      return fingerprint.bytes();
    }

    @Override
    public Fingerprint convertToEntityAttribute(byte[] bytes) {
      return Fingerprint.ofStored(bytes);
    }
  }
}
