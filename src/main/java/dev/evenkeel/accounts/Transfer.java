package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.SystemAccount;
import java.time.Instant;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A movement of money: two or more entries in one currency that sum to zero.
 *
 * @param owner the sender of a transfer, or the owner of a payment's account
 * @param amount minor units, positive
 * @param metadata visible to the sender only, like {@code reference}
 * @param payment the payment that this transfer settles
 * @param reversalOf the transfer that this one reverses
 * @param reversedBy the transfer that reversed this one
 * @param hold the hold that this transfer captured
 * @param postedAt the database's time, never before an earlier entry of either account
 */
public record Transfer(
    TransferId id,
    String owner,
    AccountId from,
    AccountId to,
    long amount,
    String currency,
    @Nullable String description,
    @Nullable String reference,
    Map<String, String> metadata,
    @Nullable UUID payment,
    @Nullable TransferId reversalOf,
    @Nullable TransferId reversedBy,
    @Nullable TransferId hold,
    Instant postedAt,
    List<Entry> entries)
    implements LedgerRecord {

  /**
   * A debit or credit of one account.
   *
   * @param amount minor units, positive for a credit and negative for a debit
   * @param customer null for the ledger's own accounts, which number no entries
   */
  public record Entry(AccountId account, long amount, @Nullable Customer customer) {

    /**
     * The part of an entry that only customer accounts have.
     *
     * @param sequence the entry's number within its account, without gaps
     * @param balanceAfter the account's posted balance after this entry
     */
    public record Customer(String owner, String name, long sequence, long balanceAfter) {}

    private boolean belongsTo(String owner) {
      return customer != null && customer.owner().equals(owner);
    }
  }

  /** Returns the ids of the customer accounts among its accounts. */
  public Set<AccountId> customers() {
    return entries.stream()
        .filter(entry -> entry.customer() != null)
        .map(Entry::account)
        .collect(Collectors.toSet());
  }

  /** Tells whether suspense stands in for an account that could not take or give the money. */
  public boolean isUnplaced() {
    AccountId suspense = SystemAccount.SUSPENSE.in(Currency.getInstance(currency));
    return entries.stream().anyMatch(entry -> entry.account().equals(suspense));
  }

  public boolean isReceivedBy(String someOwner) {
    return entries.stream().anyMatch(entry -> entry.amount() > 0 && entry.belongsTo(someOwner));
  }

  /** Returns the first entry of this owner's accounts; null if there is none. */
  public @Nullable Entry entryListedFor(String someOwner) {
    return entries.stream().filter(entry -> entry.belongsTo(someOwner)).findFirst().orElse(null);
  }

  /** Tells whether this owner has any of the accounts. */
  public boolean concerns(String someOwner) {
    return entryListedFor(someOwner) != null;
  }
}
