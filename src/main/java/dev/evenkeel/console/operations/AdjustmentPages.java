package dev.evenkeel.console.operations;

import dev.evenkeel.accounts.Adjustment;
import dev.evenkeel.accounts.Adjustments;
import dev.evenkeel.console.ActionResults;
import dev.evenkeel.console.Confirmation;
import dev.evenkeel.console.ConsolePart;
import dev.evenkeel.console.Display;
import dev.evenkeel.console.Form;
import dev.evenkeel.console.Submission;
import dev.evenkeel.database.Ids;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Corrections of the ledger: one person proposes, another approves or rejects. */
@ConsolePart
@Controller
@RequestMapping(AdjustmentPages.PATH)
@RequiresScope(read = "operations", write = "operations")
class AdjustmentPages {

  static final String PATH = "/console/operations/adjustments";

  private static final int PAGE = 20;
  private static final int MAX_ACCOUNT = 36;
  private static final int MAX_REASON = 500;

  private final Adjustments adjustments;

  AdjustmentPages(Adjustments adjustments) {
    this.adjustments = adjustments;
  }

  @GetMapping
  String list(
      @RequestParam(name = "status", required = false) Adjustment.@Nullable Status status,
      @RequestParam(name = "after", required = false) @Nullable UUID after,
      Model model) {
    model.addAttribute("status", status);
    model.addAttribute("statuses", Adjustment.Status.values());
    model.addAttribute(
        "adjustments",
        Rows.upTo(
            PAGE, adjustments.list(status, Objects.requireNonNullElse(after, Ids.LAST), PAGE + 1)));
    return "operations/adjustments";
  }

  @GetMapping("/new")
  String form(Model model) {
    return show(Form.empty(Map.of("currency", "EUR")), model);
  }

  private static String show(Form form, Model model) {
    model.addAttribute("form", form);
    model.addAttribute("ownAccounts", Adjustments.ownAccounts().stream().sorted().toList());
    return "operations/adjustment";
  }

  /** Shows what a proposal will do, and proposes once that is confirmed. */
  @PostMapping
  String propose(
      @RequestParam Map<String, String> typed,
      Caller caller,
      Model model,
      RedirectAttributes next,
      HttpServletRequest sent,
      HttpServletResponse response) {
    Form form = Form.sent(typed);
    String from = form.name("from", MAX_ACCOUNT);
    String to = form.name("to", MAX_ACCOUNT);
    String currency = form.currency("currency");
    Long amount = form.error("currency") == null ? form.amount("amount", currency) : null;
    String reason = form.name("reason", MAX_REASON);
    if (amount != null && form.isValid()) {
      Money money = Money.of(amount, currency);
      if (!typed.containsKey(Confirmation.CONFIRMED)) {
        return confirmation(form, money).show(model);
      }
      IdempotentRequest request =
          form.request(caller.owner(), PATH, from, to, amount.toString(), currency, reason);
      Adjustments.Proposal proposal = new Adjustments.Proposal(request, from, to, money, reason);
      switch (Submission.outcome(sent, () -> adjustments.propose(proposal))) {
        case Outcome.Done<Adjustment>(Adjustment proposed) -> {
          return ActionResults.done(
              PATH,
              next,
              "Proposed: %s. Another person has to approve it.".formatted(sentence(proposed)));
        }
        case Outcome.Replayed<Adjustment>(Adjustment earlier) -> {
          return ActionResults.done(
              PATH,
              next,
              "This form was sent before: %s. The adjustment is %s."
                  .formatted(sentence(earlier), Display.word(earlier.status())));
        }
        case Outcome.Refused<Adjustment>(Problem problem, _) -> form.refuse(problem);
      }
    }
    response.setStatus(form.status());
    return show(form, model);
  }

  private static Confirmation confirmation(Form form, Money money) {
    return new Confirmation(
            "Propose this adjustment?",
            "Nothing moves yet: another person has to approve it.",
            "Propose",
            PATH,
            PATH)
        .about("Amount", money)
        .about("From", form.value("from"))
        .about("To", form.value("to"))
        .about("Reason, which the account's owner sees", form.value("reason"))
        .with(form, "from", "to", "amount", "currency", "reason");
  }

  /** What a second person can do with a proposal; in small letters it is a part of paths. */
  private enum Answer {
    APPROVE("Approve", "The money moves at once. Another adjustment can undo it."),
    REJECT("Reject", "No money moves, and it can no longer be approved.");

    private final String button;
    private final String effect;

    Answer(String button, String effect) {
      this.button = button;
      this.effect = effect;
    }

    static Answer of(String path) {
      return valueOf(path.toUpperCase(Locale.ROOT));
    }
  }

  @GetMapping("/{id}/{answer:approve|reject}")
  String confirm(@PathVariable("id") UUID id, @PathVariable("answer") String path, Model model) {
    Adjustment adjustment = find(id);
    Answer answer = Answer.of(path);
    return new Confirmation(
            answer.button + " this adjustment?",
            answer.effect,
            answer.button,
            "%s/%s/%s".formatted(PATH, id, path),
            PATH)
        .about("Amount", Money.of(adjustment.amount(), adjustment.currency()))
        .about("From", adjustment.from())
        .about("To", adjustment.to())
        .about("Reason", adjustment.reason())
        .about("Proposed by", adjustment.proposedBy())
        .show(model);
  }

  @PostMapping("/{id}/{answer:approve|reject}")
  String answer(
      @PathVariable("id") UUID id,
      @PathVariable("answer") String path,
      Caller caller,
      RedirectAttributes next) {
    find(id);
    return switch (Answer.of(path)) {
      case APPROVE ->
          ActionResults.of(
              adjustments.approve(id, caller.owner()),
              PATH,
              next,
              it -> "Approved and posted: " + sentence(it) + ".");
      case REJECT ->
          ActionResults.of(
              adjustments.reject(id, caller.owner()),
              PATH,
              next,
              it -> "Rejected: " + sentence(it) + ".");
    };
  }

  private Adjustment find(UUID id) {
    return adjustments.find(id).orElseThrow(ProblemException::notFound);
  }

  private static String sentence(Adjustment it) {
    return "%s from %s to %s".formatted(Money.of(it.amount(), it.currency()), it.from(), it.to());
  }
}
