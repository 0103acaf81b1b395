package dev.evenkeel.accounts;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One line of an account's statement. Entries never change.
 *
 * @param sequence its number within the account, from 1, without gaps
 * @param amount minor units: positive in, negative out
 * @param balanceAfter the account's posted balance after it
 */
public record Entry(
    UUID id,
    long sequence,
    UUID transferId,
    long amount,
    long balanceAfter,
    @Nullable String description,
    Instant postedAt) {}
