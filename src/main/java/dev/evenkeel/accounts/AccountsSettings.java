package dev.evenkeel.accounts;

import dev.evenkeel.money.Money;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of customer accounts and of the audit.
 *
 * @param maxOverdraft the largest overdraft limit, in minor units, that callers may set for their
 *     own accounts; operators may set a larger one
 * @param auditEvery how often the whole ledger is audited
 */
@Validated
@ConfigurationProperties("evenkeel.accounts")
record AccountsSettings(
    @DefaultValue("0") @Min(0) @Max(Money.MAX_AMOUNT) long maxOverdraft,
    @DefaultValue("1h") Duration auditEvery) {}
