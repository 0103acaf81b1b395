package dev.evenkeel.payments.provider;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of the provider's report.
 *
 * @param operations payments' and refunds', and what was taken back of them, without those that
 *     cannot be read
 * @param deductions fees and payouts to our own bank
 * @param last the id of the page's last line, after which the next page begins; null if there is
 *     none, because the report has ended
 */
public record ReportPage(
    List<ProviderOperation> operations, List<Deduction> deductions, @Nullable String last) {}
