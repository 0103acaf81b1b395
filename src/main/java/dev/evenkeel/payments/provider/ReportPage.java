package dev.evenkeel.payments.provider;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of the provider's report.
 *
 * @param operations without those that cannot be read
 * @param last the id of the page's last line, after which the next page begins; null if there is
 *     none, because the report has ended
 */
public record ReportPage(List<ProviderOperation> operations, @Nullable String last) {}
