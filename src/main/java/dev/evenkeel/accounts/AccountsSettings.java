package dev.evenkeel.accounts;

import dev.evenkeel.money.Money;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the accounts.
 *
 * @param maxOverdraft the largest overdraft limit, in minor units, that a caller may give its own
 *     account; beyond it only operators may
 * @param auditEvery how long after one audit of the whole ledger the next one begins
 */
@Validated
@ConfigurationProperties("evenkeel.accounts")
record AccountsSettings(
    @DefaultValue("0") @Min(0) @Max(Money.MAX_AMOUNT) long maxOverdraft,
    @DefaultValue("1h") Duration auditEvery) {}
