package dev.evenkeel.accounts.posting;

import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the ledger's write path.
 *
 * @param groupCommit whether requests that arrive at the same time share a transaction
 * @param queue how many requests may wait for their turn; further ones are refused at once
 * @param deadline how long a request may wait for its turn
 */
@Validated
@ConfigurationProperties("evenkeel.ledger")
public record LedgerSettings(
    @DefaultValue("true") boolean groupCommit,
    @DefaultValue("1000") @Min(1) int queue,
    @DefaultValue("2s") Duration deadline) {}
