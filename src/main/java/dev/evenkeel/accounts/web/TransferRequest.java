package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.money.IsoCurrency;
import dev.evenkeel.money.Money;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.Map;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;

/** A requested transfer, alone or in a batch. */
record TransferRequest(
    @NotNull AccountId from,
    @NotNull AccountId to,
    @NotNull @Min(1) @Max(Money.MAX_AMOUNT) Long amount,
    @NotNull @IsoCurrency String currency,
    @CodePointLength(max = 500) @Nullable String description,
    @CodePointLength(max = 64) @Nullable String reference,
    @Size(max = 20) @Nullable Map<
                @CodePointLength(min = 1, max = 40) String,
                @NotNull @CodePointLength(max = 500) String>
            metadata) {

  PostingRequest.Transfer posting(PostingRequest.Key key, Fingerprint fingerprint) {
    return new PostingRequest.Transfer(
        key,
        fingerprint,
        from,
        to,
        Money.of(amount, currency),
        description,
        reference,
        metadata == null ? Map.of() : metadata);
  }
}
