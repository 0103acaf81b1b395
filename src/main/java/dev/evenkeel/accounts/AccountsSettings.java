package dev.evenkeel.accounts;

import dev.evenkeel.money.Money;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the accounts.
 *
 * @param maxOverdraft the largest overdraft limit, in minor units, that a caller may give its own
 *     account; beyond it only operators may
 */
@Validated
@ConfigurationProperties("evenkeel.accounts")
record AccountsSettings(@DefaultValue("0") @Min(0) @Max(Money.MAX_AMOUNT) long maxOverdraft) {}
