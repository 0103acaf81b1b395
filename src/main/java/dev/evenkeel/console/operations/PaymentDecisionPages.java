package dev.evenkeel.console.operations;

import dev.evenkeel.console.ActionResults;
import dev.evenkeel.console.Confirmation;
import dev.evenkeel.console.ConsolePart;
import dev.evenkeel.console.Display;
import dev.evenkeel.console.Form;
import dev.evenkeel.database.Ids;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.PaymentDetails;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentOperations;
import dev.evenkeel.payments.PaymentOperations.Decision;
import dev.evenkeel.payments.PaymentProblem;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Payments and refunds that are not final or need a decision, and the form that decides one. */
@ConsolePart
@Controller
@RequestMapping(PaymentDecisionPages.PATH)
@RequiresScope(read = "operations", write = "operations")
class PaymentDecisionPages {

  static final String PATH = "/console/operations/payments";

  private static final int PAGE = 20;
  private static final int MAX_REASON = 500;

  /** The field that says how the payment was when the form was shown. */
  private static final String SEEN = "seen";

  private final PaymentOperations operations;

  PaymentDecisionPages(PaymentOperations operations) {
    this.operations = operations;
  }

  @GetMapping
  String unresolved(
      @RequestParam(name = "after", required = false) @Nullable PaymentId after, Model model) {
    PaymentId first = after == null ? new PaymentId(Ids.LAST) : after;
    model.addAttribute(
        "payments",
        Rows.upTo(
            PAGE,
            operations.unresolved(first, PAGE + 1).stream().map(PaymentDetails::of).toList()));
    return "operations/payments";
  }

  @GetMapping("/{id}")
  String payment(@PathVariable("id") PaymentId id, Model model) {
    return show(find(id), Form.empty(Map.of()), model);
  }

  private PaymentDetails find(PaymentId id) {
    return operations.find(id).map(PaymentDetails::of).orElseThrow(ProblemException::notFound);
  }

  private static String show(PaymentDetails payment, Form form, Model model) {
    model.addAttribute("payment", payment);
    model.addAttribute("form", form);
    return "operations/payment";
  }

  @GetMapping("/{id}/ask")
  String confirmAsking(@PathVariable("id") PaymentId id, Model model) {
    return about(
            find(id),
            new Confirmation(
                "Ask the provider now?",
                "Evenkeel calls the provider about this payment and applies the answer, as it would by itself later.",
                "Ask the provider",
                page(id) + "/ask",
                page(id)))
        .show(model);
  }

  @PostMapping("/{id}/ask")
  String ask(@PathVariable("id") PaymentId id, RedirectAttributes next) {
    PaymentDetails before = find(id);
    PaymentDetails now = PaymentDetails.of(operations.ask(id));
    String asked =
        now.calls().attempts() > before.calls().attempts()
            ? "The provider was asked"
            : "The provider could not be asked at the moment";
    return ActionResults.done(
        page(id),
        next,
        "%s. The payment is %s%s."
            .formatted(
                asked,
                Display.word(now.status()),
                now.attention() == null ? "" : " and needs a decision"));
  }

  /** Shows what a decision will do, and decides once that is confirmed. */
  @PostMapping("/{id}/decide")
  String decide(
      @PathVariable("id") PaymentId id,
      @RequestParam Map<String, String> typed,
      Model model,
      RedirectAttributes next,
      HttpServletResponse response) {
    PaymentDetails payment = find(id);
    Form form = Form.sent(typed);
    boolean succeeded = form.value("outcome").equals("succeeded");
    if (!succeeded && !form.value("outcome").equals("failed")) {
      form.reject("outcome", "must be chosen");
    }
    Long amount = null;
    if (!form.value("amount").isBlank()) {
      amount = form.amount("amount", payment.currency());
      if (!succeeded) {
        form.reject("amount", "is only for what has succeeded");
      }
    }
    String reason = form.name("reason", MAX_REASON);
    if (form.isValid() && !typed.containsKey(Confirmation.CONFIRMED)) {
      return confirmation(payment, form, succeeded, amount, reason).show(model);
    }
    if (form.isValid()) {
      Decision decision = new Decision(succeeded, amount, reason, form.value(SEEN));
      switch (operations.decide(id, decision).map(PaymentDetails::of)) {
        case Outcome.Done<PaymentDetails>(PaymentDetails decided) -> {
          return ActionResults.done(
              page(id), next, "Decided: the payment is " + Display.word(decided.status()) + ".");
        }
        case Outcome.Replayed<PaymentDetails> _ -> throw new IllegalStateException("it has no key");
        // Perhaps it was decided by this very form
        case Outcome.Refused<PaymentDetails>(Problem problem, _)
            when problem.type() == PaymentProblem.NO_DECISION_NEEDED -> {
          return ActionResults.refused(page(id), next, problem);
        }
        case Outcome.Refused<PaymentDetails>(Problem problem, _) -> form.refuse(problem);
      }
    }
    response.setStatus(form.status());
    return show(find(id), form, model);
  }

  private static Confirmation confirmation(
      PaymentDetails payment, Form form, boolean succeeded, @Nullable Long amount, String reason) {
    Money really = Money.of(amount == null ? payment.moved() : amount, payment.currency());
    return about(
            payment,
            new Confirmation(
                succeeded
                    ? "Decide that the payment succeeded?"
                    : "Decide that the payment failed?",
                succeeded
                    ? "The ledger will say that this has moved: " + really + "."
                    : "The ledger will say that nothing has moved.",
                "Decide",
                page(payment.id()) + "/decide",
                page(payment.id())))
        .about("Reason, which the owner sees", reason)
        .with(form, "outcome", "amount", "reason", SEEN);
  }

  private static Confirmation about(PaymentDetails payment, Confirmation ask) {
    return ask.about("Payment", payment.id())
        .about("Kind", Display.word(payment.kind()))
        .about("Asked for", Money.of(payment.amount(), payment.currency()))
        .about("State now", Display.word(payment.status()));
  }

  private static String page(PaymentId id) {
    return PATH + "/" + id;
  }
}
