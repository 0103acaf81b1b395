package dev.evenkeel.accounts;

import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.money.Money;
import java.time.Duration;
import java.util.Currency;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A request to move or to hold money, which takes effect once per key. */
public sealed interface PostingRequest {

  Key key();

  /** Tells a repeated request from a different request with the same key. */
  Fingerprint fingerprint();

  default @Nullable String description() {
    return null;
  }

  default @Nullable String reference() {
    return null;
  }

  default Map<String, String> metadata() {
    return Map.of();
  }

  /** The payment that the request settles, as a UUID: the ledger knows no payments. */
  default @Nullable UUID payment() {
    return null;
  }

  /** The provider with which the posting changes what it owes us, by its name. */
  default @Nullable String provider() {
    return null;
  }

  /** The transfer to reverse. */
  default @Nullable TransferId reversalOf() {
    return null;
  }

  /** The hold to capture. */
  default @Nullable TransferId hold() {
    return null;
  }

  /** The account whose debt to us the posting increases or repays. */
  default @Nullable AccountId debtor() {
    return null;
  }

  /**
   * The identity of a request.
   *
   * @param operation part of the identity: the same value is a different key for another operation
   */
  record Key(String owner, Operation operation, String value) {}

  enum Operation {
    TRANSFER,
    /** A transfer of a batch, with the batch's id and the transfer's index as its key. */
    BATCH,
    REVERSAL,
    HOLD,
    CAPTURE,
    /** A settlement, with the id of the payment or refund as its key. */
    PAYMENT,
    PAYMENT_HOLD,
    /** A repayment, with the id of the transfer or hold that made it possible as its key. */
    REPAYMENT,
    /** An adjustment, with its id as its key. */
    ADJUSTMENT,
    /** A deduction, with the provider's id of it as its key. */
    DEDUCTION;

    public Key key(String owner, IdempotencyKey key) {
      return new Key(owner, this, key.value());
    }
  }

  /** A request that moves or holds money between two customer accounts. */
  sealed interface Move extends PostingRequest {

    /** Must belong to the key's owner. */
    AccountId from();

    /** May belong to anyone. */
    AccountId to();

    Money money();
  }

  record Transfer(
      Key key,
      Fingerprint fingerprint,
      AccountId from,
      AccountId to,
      Money money,
      @Nullable String description,
      @Nullable String reference,
      Map<String, String> metadata)
      implements Move {

    public Transfer {
      requireAmount(money.minorUnits());
      metadata = Map.copyOf(metadata);
    }

    Transfer under(Key other) {
      return new Transfer(other, fingerprint, from, to, money, description, reference, metadata);
    }
  }

  /** Reverses a transfer in full. The caller has checked that the key's owner may do so. */
  record Reversal(Key key, Fingerprint fingerprint, TransferId reversalOf)
      implements PostingRequest {}

  /**
   * Reserves money of one account for another.
   *
   * @param expiresIn how long it can be captured
   */
  record Hold(
      Key key,
      Fingerprint fingerprint,
      AccountId from,
      AccountId to,
      Money money,
      @Nullable String description,
      Duration expiresIn)
      implements Move {

    public Hold {
      requireAmount(money.minorUnits());
    }
  }

  /**
   * Posts money that is held, and releases the rest. The caller has checked that the key's owner
   * may do so.
   *
   * @param amount minor units; null for the full hold
   */
  record Capture(Key key, Fingerprint fingerprint, TransferId hold, @Nullable Long amount)
      implements PostingRequest {

    public Capture {
      if (amount != null) {
        requireAmount(amount);
      }
    }
  }

  /**
   * The effect of a payment or refund on a customer's account. Its key is or begins with the id of
   * the payment or refund, so that each effect happens once.
   *
   * @param provider the payment's provider
   * @param payment shown with the transfer; for a refund, the refunded payment
   * @param account the customer's account
   * @param hold the hold to capture, for {@link Kind#PAY_OUT} only
   */
  record Settlement(
      Key key,
      Fingerprint fingerprint,
      Kind kind,
      String provider,
      UUID payment,
      AccountId account,
      Money money,
      @Nullable TransferId hold,
      @Nullable String description)
      implements PostingRequest {

    /** Only holds can be refused; what the provider has decided is always posted. */
    public enum Kind {
      /** Holds money of the customer for the provider. The hold never expires. */
      HOLD,
      /** Holds money in suspense that the customer's account could not take, for its refund. */
      HOLD_UNPLACED,
      /** Credits money that the provider has collected for the customer. */
      COLLECT,
      /** Captures the hold, because the provider has paid out the money or a part of it. */
      PAY_OUT,
      /** Debits money that the provider has taken back, or has paid out without a hold. */
      TAKE_BACK,
      /** Credits money that the provider had paid out and that came back. */
      BRING_BACK
    }

    public Settlement {
      requireAmount(money.minorUnits());
    }

    @Override
    public AccountId debtor() {
      return account;
    }

    /**
     * @param key the id of the payment or refund, alone or before what names another of its effects
     */
    public static Settlement of(
        String key,
        Kind kind,
        String provider,
        UUID payment,
        Account account,
        Money money,
        @Nullable TransferId hold,
        @Nullable String description) {
      boolean places = kind == Kind.HOLD || kind == Kind.HOLD_UNPLACED;
      Operation operation = places ? Operation.PAYMENT_HOLD : Operation.PAYMENT;
      return new Settlement(
          new Key(account.owner(), operation, key),
          Fingerprint.of(
              kind.name(),
              account.id().toString(),
              Long.toString(money.minorUnits()),
              money.currencyCode()),
          kind,
          provider,
          payment,
          account.id(),
          money,
          hold,
          description);
    }

    /** Returns the id of the payment or refund whose posting has this key. */
    public static UUID id(String key) {
      return UUID.fromString(key.substring(0, 36));
    }
  }

  /**
   * Repays what an account owes, as soon as a credit or the end of a hold makes it possible. The
   * ledger itself asks for it.
   */
  record Repayment(Key key, Fingerprint fingerprint, AccountId debtor, Money money)
      implements PostingRequest {

    /**
     * @param cause the transfer or hold that made it possible
     */
    public static Repayment of(TransferId cause, Account debtor, Money money) {
      String key = cause + "/" + debtor.id();
      return new Repayment(
          new Key(debtor.owner(), Operation.REPAYMENT, key),
          Fingerprint.of(key),
          debtor.id(),
          money);
    }

    @Override
    public String description() {
      return "Repayment of what the account owed";
    }
  }

  /**
   * Moves money between a customer's account and one of the ledger's own accounts, or between two
   * of those.
   */
  record Adjustment(
      Key key,
      Fingerprint fingerprint,
      AccountId from,
      AccountId to,
      Money money,
      String description)
      implements PostingRequest {}

  /**
   * What a provider took from the money that it owes us, by its own account of it: its fee, or what
   * it paid to our bank.
   *
   * @param amount minor units; negative for what came back
   */
  record Deduction(
      Key key, Fingerprint fingerprint, Kind kind, String provider, long amount, Currency currency)
      implements PostingRequest {

    public enum Kind {
      FEE,
      BANK_PAYOUT
    }

    public Deduction {
      requireAmount(Math.abs(amount));
    }

    /**
     * @param id the provider's own, of its operation; a fee may have the id of what it is charged
     *     for
     */
    public static Deduction of(
        String provider, String id, Kind kind, long amount, Currency currency) {
      String key = kind.name().toLowerCase(Locale.ROOT) + "/" + id;
      return new Deduction(
          new Key(provider, Operation.DEDUCTION, key),
          Fingerprint.of(Long.toString(amount), currency.getCurrencyCode()),
          kind,
          provider,
          amount,
          currency);
    }
  }

  private static void requireAmount(long amount) {
    if (amount <= 0 || amount > Money.MAX_AMOUNT) {
      throw new IllegalArgumentException("an amount is 1 to 10^15 minor units");
    }
  }
}
