package dev.evenkeel.console.operations;

import dev.evenkeel.accounts.Audit;
import dev.evenkeel.console.ActionResults;
import dev.evenkeel.console.Confirmation;
import dev.evenkeel.console.ConsolePart;
import dev.evenkeel.console.Display;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.problems.BusyException;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The last audit of the ledger. Only a button runs one, in turn with those of the API. */
@ConsolePart
@Controller
@RequestMapping(LedgerPages.PATH)
@RequiresScope(read = "operations", write = "operations")
class LedgerPages {

  static final String PATH = "/console/operations/ledger";

  private final Audit audit;
  private final Display display;

  LedgerPages(Audit audit, Display display) {
    this.audit = audit;
    this.display = display;
  }

  @GetMapping
  String report(Model model) {
    model.addAttribute("report", audit.last().orElse(null));
    return "operations/ledger";
  }

  @GetMapping("/run")
  String confirm(Model model) {
    return new Confirmation(
            "Audit the ledger now?",
            "Evenkeel recomputes every balance from the entries and repairs nothing. This may take long.",
            "Audit",
            PATH,
            PATH)
        .show(model);
  }

  @PostMapping
  String run(RedirectAttributes next) throws InterruptedException {
    try {
      Audit.Report report = audit.latest();
      return ActionResults.done(
          PATH,
          next,
          "Audited on %s UTC: the ledger %s."
              .formatted(
                  display.time(report.checkedAt()),
                  report.balanced() ? "balances" : "does not balance"));
    } catch (BusyException busy) {
      return ActionResults.refused(
          PATH, next, "Another audit is running. Try again when it has ended.");
    }
  }
}
