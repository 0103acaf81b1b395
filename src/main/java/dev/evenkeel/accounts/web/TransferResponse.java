package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.http.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A transfer as the caller may see it: the entries of the caller's own accounts; metadata and
 * reference only for the sender.
 */
record TransferResponse(
    TransferId id,
    @Nullable AccountId from,
    @Nullable AccountId to,
    long amount,
    String currency,
    @Nullable String description,
    @Nullable String reference,
    @Nullable Map<String, String> metadata,
    @Nullable UUID payment,
    @Nullable TransferId reversalOf,
    @Nullable TransferId reversedBy,
    @Nullable TransferId hold,
    Instant postedAt,
    List<EntryResponse> entries) {

  record EntryResponse(AccountId account, long amount, long sequence, long balanceAfter) {}

  static TransferResponse of(Transfer transfer, Caller caller) {
    boolean sender = caller.maySee(transfer.owner());
    return new TransferResponse(
        transfer.id(),
        customers(transfer, transfer.from()),
        customers(transfer, transfer.to()),
        transfer.amount(),
        transfer.currency(),
        transfer.description(),
        sender ? transfer.reference() : null,
        sender && !transfer.metadata().isEmpty() ? transfer.metadata() : null,
        transfer.payment(),
        transfer.reversalOf(),
        transfer.reversedBy(),
        transfer.hold(),
        transfer.postedAt(),
        transfer.entries().stream()
            .map(entry -> entry(entry, caller))
            .filter(Objects::nonNull)
            .toList());
  }

  static String location(Transfer transfer) {
    return "/v1/transfers/" + transfer.id();
  }

  /** System accounts are not shown. */
  private static @Nullable AccountId customers(Transfer transfer, AccountId account) {
    return transfer.customers().contains(account) ? account : null;
  }

  private static @Nullable EntryResponse entry(Transfer.Entry entry, Caller caller) {
    Transfer.Entry.Customer customer = entry.customer();
    return customer == null || !caller.maySee(customer.owner())
        ? null
        : new EntryResponse(
            entry.account(), entry.amount(), customer.sequence(), customer.balanceAfter());
  }
}
