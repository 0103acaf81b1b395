package dev.evenkeel.accounts;

import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.money.Money;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Asks the ledger to move money, or to hold it. It takes effect once per key. */
public sealed interface PostingRequest {

  Key key();

  /** Tells whether a second posting under the key is the same. */
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

  /** The payment that moves the money. */
  default @Nullable UUID payment() {
    return null;
  }

  /** The transfer that is given back. */
  default @Nullable UUID reversalOf() {
    return null;
  }

  /** What is captured. */
  default @Nullable UUID hold() {
    return null;
  }

  /**
   * What makes a posting unique.
   *
   * @param owner who asks
   * @param operation what for: the same value is another key for another operation
   */
  record Key(String owner, Operation operation, String value) {}

  enum Operation {
    TRANSFER,
    /** A transfer of a batch: its key is the batch's id and its index there. */
    BATCH,
    REVERSAL,
    HOLD,
    CAPTURE,
    /** The key is the payment's or refund's id, see {@link Settlement}. */
    PAYMENT,
    PAYMENT_HOLD;

    public Key key(String owner, IdempotencyKey key) {
      return new Key(owner, this, key.value());
    }

    /** As the database has it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Between two customers' accounts. */
  sealed interface Move extends PostingRequest {

    /** Has to be its key's owner's. */
    UUID from();

    /** May be anybody's. */
    UUID to();

    Money money();
  }

  record Transfer(
      Key key,
      Fingerprint fingerprint,
      UUID from,
      UUID to,
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

  /** Gives a transfer back, in full. Whether its key's owner may is asked before. */
  record Reversal(Key key, Fingerprint fingerprint, UUID reversalOf) implements PostingRequest {}

  /**
   * Promises money of one account to another.
   *
   * @param lasts from when it is placed
   */
  record Hold(
      Key key,
      Fingerprint fingerprint,
      UUID from,
      UUID to,
      Money money,
      @Nullable String description,
      Duration lasts)
      implements Move {

    public Hold {
      requireAmount(money.minorUnits());
    }
  }

  /**
   * Posts what is held, and releases the rest. Whether its key's owner may is asked before.
   *
   * @param amount minor units; null for all of it
   */
  record Capture(Key key, Fingerprint fingerprint, UUID hold, @Nullable Long amount)
      implements PostingRequest {

    public Capture {
      if (amount != null) {
        requireAmount(amount);
      }
    }
  }

  /**
   * What a payment or a refund does to the money of a customer, at its owner's wish or as the
   * provider decided. Its key is the id of the payment or refund, so that each step is made once.
   *
   * @param payment shown with the transfer; of a refund the payment that is refunded
   * @param account the customer's
   * @param hold that is captured, for {@link Kind#PAY_OUT} only
   */
  record Settlement(
      Key key,
      Fingerprint fingerprint,
      Kind kind,
      UUID payment,
      UUID account,
      Money money,
      @Nullable UUID hold,
      @Nullable String description)
      implements PostingRequest {

    /** Only a hold can be refused: what the provider has decided is posted, wherever it fits. */
    public enum Kind {
      /** Promises money of the customer to the provider; it never expires. */
      HOLD,
      /** The provider has collected it for the customer. */
      COLLECT,
      /** The provider has paid out what was held. */
      PAY_OUT,
      /** The provider has taken back what it had collected. */
      TAKE_BACK,
      /** What the provider had paid out came back. */
      BRING_BACK
    }

    public Settlement {
      requireAmount(money.minorUnits());
    }

    /**
     * @param id of the payment or refund
     */
    public static Settlement of(
        UUID id,
        Kind kind,
        UUID payment,
        Account account,
        Money money,
        @Nullable UUID hold,
        @Nullable String description) {
      boolean back = kind == Kind.TAKE_BACK || kind == Kind.BRING_BACK;
      Operation operation = kind == Kind.HOLD ? Operation.PAYMENT_HOLD : Operation.PAYMENT;
      return new Settlement(
          new Key(account.owner(), operation, key(id, back)),
          Fingerprint.of(kind.name(), account.id().toString(), money.toString()),
          kind,
          payment,
          account.id(),
          money,
          hold,
          description);
    }

    /** Of a payment's or refund's posting, or of the one that takes it back. */
    public static String key(UUID id, boolean back) {
      return back ? id + "/returned" : id.toString();
    }

    /** Of the payment or refund whose posting has this key. */
    public static UUID id(String key) {
      return UUID.fromString(key.substring(0, 36));
    }
  }

  private static void requireAmount(long amount) {
    if (amount <= 0 || amount > Money.MAX_AMOUNT) {
      throw new IllegalArgumentException("an amount is 1 to 10^15 minor units");
    }
  }
}
