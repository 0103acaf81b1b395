package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.Posting;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.Transfers;
import dev.evenkeel.money.IsoCurrency;
import dev.evenkeel.money.Money;
import dev.evenkeel.platform.Caller;
import dev.evenkeel.platform.Input;
import dev.evenkeel.platform.KeyedOperation;
import dev.evenkeel.platform.Outcome;
import dev.evenkeel.platform.ProblemException;
import dev.evenkeel.platform.Replies;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Transfers between accounts of this ledger. */
@RestController
class TransferController {

  private final Transfers transfers;

  TransferController(Transfers transfers) {
    this.transfers = transfers;
  }

  record TransferRequest(
      @NotNull UUID from,
      @NotNull UUID to,
      @NotNull @Min(1) @Max(Money.MAX_AMOUNT) Long amount,
      @NotNull @IsoCurrency String currency,
      @CodePointLength(max = 500) @Nullable String description,
      @CodePointLength(max = 64) @Nullable String reference,
      @Size(max = 20) @Nullable Map<
                  @CodePointLength(min = 1, max = 40) String,
                  @NotNull @CodePointLength(max = 500) String>
              metadata) {}

  /** As this caller sees it: the entries of its own accounts, and what the sender alone knows. */
  record TransferBody(
      UUID id,
      @Nullable UUID from,
      @Nullable UUID to,
      long amount,
      String currency,
      @Nullable String description,
      @Nullable String reference,
      @Nullable Map<String, String> metadata,
      @Nullable UUID payment,
      Instant postedAt,
      List<EntryBody> entries) {

    record EntryBody(UUID account, long amount, long sequence, long balanceAfter) {}

    static TransferBody of(Transfer transfer, Caller caller) {
      boolean sender = caller.maySee(transfer.owner());
      return new TransferBody(
          transfer.id(),
          customers(transfer, transfer.from()),
          customers(transfer, transfer.to()),
          transfer.amount(),
          transfer.currency(),
          transfer.description(),
          sender ? transfer.reference() : null,
          sender && !transfer.metadata().isEmpty() ? transfer.metadata() : null,
          transfer.payment(),
          transfer.postedAt(),
          transfer.legs().stream()
              .map(leg -> entry(leg, caller))
              .filter(Objects::nonNull)
              .toList());
    }

    /** The ledger's own accounts are nobody's business. */
    private static @Nullable UUID customers(Transfer transfer, UUID account) {
      return transfer.legs().stream()
              .anyMatch(leg -> leg.account().equals(account) && leg.customer() != null)
          ? account
          : null;
    }

    private static @Nullable EntryBody entry(Transfer.Leg leg, Caller caller) {
      Transfer.Leg.Customer customer = leg.customer();
      return customer == null || !caller.maySee(customer.owner())
          ? null
          : new EntryBody(
              leg.account(), leg.amount(), customer.sequence(), customer.balanceAfter());
    }
  }

  @KeyedOperation
  @PostMapping("/v1/transfers")
  ResponseEntity<TransferBody> post(Caller caller, Input input) {
    var request = input.keyed(TransferRequest.class);
    TransferRequest body = request.body();
    Outcome<Transfer> outcome =
        transfers.submit(
            Posting.transfer(
                caller.owner(),
                request.key(),
                request.fingerprint(),
                body.from(),
                body.to(),
                Money.of(body.amount(), body.currency()),
                body.description(),
                body.reference(),
                body.metadata() == null ? Map.of() : body.metadata()));
    return Replies.of(
        outcome, TransferController::location, transfer -> TransferBody.of(transfer, caller));
  }

  private static String location(Transfer transfer) {
    return "/v1/transfers/" + transfer.id();
  }

  @GetMapping("/v1/transfers/{id}")
  TransferBody transfer(@PathVariable UUID id, Caller caller) {
    return transfers
        .find(id)
        .filter(transfer -> caller.isOperator() || transfer.concerns(caller.owner()))
        .map(transfer -> TransferBody.of(transfer, caller))
        .orElseThrow(ProblemException::notFound);
  }
}
