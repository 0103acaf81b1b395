package dev.evenkeel.console.operations;

import dev.evenkeel.accounts.Adjustment;
import dev.evenkeel.accounts.Adjustments;
import dev.evenkeel.accounts.Audit;
import dev.evenkeel.console.ConsolePart;
import dev.evenkeel.database.Ids;
import dev.evenkeel.events.EventPublications;
import dev.evenkeel.events.EventPublications.Publication;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.payments.PaymentDetails;
import dev.evenkeel.payments.PaymentOperations;
import dev.evenkeel.payments.Reconciliation;
import dev.evenkeel.payments.Reconciliation.Report;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/** The first page of operators: what waits for a decision, and how the last checks ended. */
@ConsolePart
@Controller
@RequiresScope(read = "operations", write = "operations")
class OperationsPages {

  /** How many of each kind are shown; the page of the kind has them all. */
  private static final int SHOWN = 10;

  private final PaymentOperations payments;
  private final Adjustments adjustments;
  private final EventPublications events;
  private final Reconciliation reconciliation;
  private final Audit audit;

  OperationsPages(
      PaymentOperations payments,
      Adjustments adjustments,
      EventPublications events,
      Reconciliation reconciliation,
      Audit audit) {
    this.payments = payments;
    this.adjustments = adjustments;
    this.events = events;
    this.reconciliation = reconciliation;
    this.audit = audit;
  }

  @GetMapping("/console/operations")
  String overview(Model model) {
    List<PaymentDetails> undecided =
        payments.needingDecision(SHOWN + 1).stream().map(PaymentDetails::of).toList();
    List<Adjustment> proposed = adjustments.list(Adjustment.Status.PROPOSED, Ids.LAST, SHOWN + 1);
    List<Publication> dead =
        events.list(
            null, EventPublications.Status.DEAD, EventPages.END_OF_TIME, Ids.LAST, SHOWN + 1);
    LocalDate yesterday = LocalDate.ofInstant(Instant.now(), ZoneOffset.UTC).minusDays(1);
    model.addAttribute("payments", Rows.upTo(SHOWN, undecided));
    model.addAttribute("adjustments", Rows.upTo(SHOWN, proposed));
    model.addAttribute("events", Rows.upTo(SHOWN, dead));
    model.addAttribute(
        "differences", reconciliation.last(yesterday).map(Report::unresolved).orElse(null));
    model.addAttribute("ledger", audit.last().orElse(null));
    return "operations/overview";
  }
}
