package dev.evenkeel.payments;

import dev.evenkeel.money.Money;
import dev.evenkeel.platform.Fingerprint;
import dev.evenkeel.platform.IdempotencyKey;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks for.
 *
 * @param owner who asks; the account has to be theirs
 * @param instrument the provider's token for a card or an account, never its number
 */
public record PaymentRequest(
    String owner,
    IdempotencyKey key,
    Fingerprint fingerprint,
    UUID account,
    PaymentKind kind,
    Money money,
    String instrument,
    @Nullable String description,
    @Nullable String reference,
    Map<String, String> metadata) {}
