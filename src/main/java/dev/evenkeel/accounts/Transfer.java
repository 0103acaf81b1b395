package dev.evenkeel.accounts;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Money that moved: two or more entries in one currency that sum to zero.
 *
 * @param owner who asked for it: for a transfer the sender, for a payment the account's owner
 * @param amount minor units, positive
 * @param metadata the sender's own; like {@code reference}, shown to nobody else
 * @param payment set if a payment's posting moved it
 * @param reversalOf the transfer that this one gives back
 * @param reversedBy the transfer that gave this one back
 * @param hold what it captured
 * @param postedAt by the database's clock, never before an earlier entry of either account
 */
public record Transfer(
    UUID id,
    String owner,
    UUID from,
    UUID to,
    long amount,
    String currency,
    @Nullable String description,
    @Nullable String reference,
    Map<String, String> metadata,
    @Nullable UUID payment,
    @Nullable UUID reversalOf,
    @Nullable UUID reversedBy,
    @Nullable UUID hold,
    Instant postedAt,
    List<Entry> entries)
    implements LedgerRecord {

  /**
   * One entry of the transfer.
   *
   * @param amount minor units: what is credited is positive, what is debited negative
   * @param customer null for an account of the ledger's own, which has no sequence
   */
  public record Entry(UUID account, long amount, @Nullable Customer customer) {

    /**
     * @param sequence the entry's number within its account, without gaps
     * @param balanceAfter the account's posted balance after this entry
     */
    public record Customer(String owner, String name, long sequence, long balanceAfter) {}

    public boolean belongsTo(String owner) {
      return customer != null && customer.owner().equals(owner);
    }
  }

  /** Those of its accounts that are no system accounts. */
  public Set<UUID> customers() {
    return entries.stream()
        .filter(entry -> entry.customer() != null)
        .map(Entry::account)
        .collect(Collectors.toSet());
  }

  public boolean isReceivedBy(String someOwner) {
    return entries.stream().anyMatch(entry -> entry.amount() > 0 && entry.belongsTo(someOwner));
  }

  /** Whether this owner has either of the accounts. */
  public boolean concerns(String someOwner) {
    return entries.stream().anyMatch(entry -> entry.belongsTo(someOwner));
  }
}
