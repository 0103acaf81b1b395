package dev.evenkeel.console.operations;

import dev.evenkeel.console.ActionResults;
import dev.evenkeel.console.Confirmation;
import dev.evenkeel.console.ConsolePart;
import dev.evenkeel.console.Display;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.payments.Reconciliation;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The last reconciliation of a day. Only a button runs one. */
@ConsolePart
@Controller
@RequestMapping(ReconciliationPages.PATH)
@RequiresScope(read = "operations", write = "operations")
class ReconciliationPages {

  static final String PATH = "/console/operations/reconciliation";

  private final Reconciliation reconciliation;

  ReconciliationPages(Reconciliation reconciliation) {
    this.reconciliation = reconciliation;
  }

  @GetMapping
  String report(
      @RequestParam(name = "day", required = false) @Nullable LocalDate day, Model model) {
    LocalDate shown = day == null ? today().minusDays(1) : day;
    model.addAttribute("day", shown);
    model.addAttribute("today", today());
    model.addAttribute("report", reconciliation.last(shown).orElse(null));
    return "operations/reconciliation";
  }

  private static LocalDate today() {
    return LocalDate.ofInstant(Instant.now(), ZoneOffset.UTC);
  }

  @GetMapping("/run")
  String confirm(@RequestParam(name = "day") LocalDate day, Model model) {
    return new Confirmation(
            "Reconcile " + day + " now?",
            "Evenkeel fetches the provider's report of this day, asks about each difference and applies the answers. This may take a while.",
            "Reconcile",
            PATH,
            page(day))
        .about("Day (UTC)", day)
        .with("day", day.toString())
        .show(model);
  }

  @PostMapping
  String run(@RequestParam(name = "day") LocalDate day, RedirectAttributes next) {
    if (day.isAfter(today())) {
      return ActionResults.refused(page(today()), next, day + " has not begun in UTC.");
    }
    try {
      return ActionResults.of(
          reconciliation.run(day),
          page(day),
          next,
          it ->
              "Reconciled %s: %s agree, and %s found."
                  .formatted(
                      day,
                      Display.count(it.matched(), "payment"),
                      Display.count(it.differences().size(), "difference")));
    } catch (IOException failure) {
      return ActionResults.refused(
          page(day), next, "The provider gave no usable response: " + failure.getMessage() + ".");
    }
  }

  private static String page(LocalDate day) {
    return PATH + "?day=" + day;
  }
}
