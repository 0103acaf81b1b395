package dev.evenkeel.console;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentRequest;
import dev.evenkeel.payments.Payments;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The forms for a pay-in and a pay-out, which differ in their direction only. */
@ConsolePart
@Controller
@RequiresScope(read = "payments:write", write = "payments:write")
class PaymentForms {

  static final String PAY_IN = "/console/pay-in/new";
  static final String PAY_OUT = "/console/pay-out/new";

  private static final String TEMPLATE = "payment-form";

  /** Those of the simulator, to choose from. */
  private static final List<String> TOKENS =
      List.of("tok_ok", "tok_declined", "tok_insufficient", "tok_slow", "tok_async", "tok_action");

  private final Payments payments;
  private final OwnAccounts accounts;
  private final List<String> tokens;

  PaymentForms(
      Payments payments,
      OwnAccounts accounts,
      @Value("${evenkeel.payments.provider.type:simulator}") String provider) {
    this.payments = payments;
    this.accounts = accounts;
    this.tokens = tokens(provider);
  }

  static List<String> tokens(String provider) {
    return provider.equals("simulator") ? TOKENS : List.of();
  }

  @GetMapping({PAY_IN, PAY_OUT})
  ModelAndView show(
      @RequestParam(name = "account", defaultValue = "") String account,
      Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    Form form = Submission.open(request, response, caller, Map.of("account", account));
    return new ModelAndView(TEMPLATE, model(form, request, caller)).addObject("form", form);
  }

  @PostMapping({PAY_IN, PAY_OUT})
  ModelAndView send(
      @RequestParam Map<String, String> typed, Caller caller, HttpServletRequest request) {
    Form form = Form.sent(typed);
    Map<String, ?> model = model(form, request, caller); // nothing may fail once the form is sent
    Account account = accounts.named(form, "account", caller);
    Long amount = account == null ? null : form.amount("amount", account.currency());
    String instrument = form.instrument();
    String description = form.text("description", 500);
    if (form.isValid() && account != null && amount != null) {
      PaymentKind kind = isPayIn(request) ? PaymentKind.PAY_IN : PaymentKind.PAY_OUT;
      PaymentRequest payment =
          payment(form, caller, kind, account, amount, instrument, description);
      ModelAndView next =
          Submission.send(form, request, () -> payments.submit(payment).map(PaymentForms::page));
      if (next != null) {
        return next;
      }
    }
    if (form.isSentAlready()) {
      form.sentAs(
          payments.findByKey(caller.owner(), form.key()).map(PaymentForms::page).orElse(null));
    }
    return Submission.refused(TEMPLATE, form, model);
  }

  private static PaymentRequest payment(
      Form form,
      Caller caller,
      PaymentKind kind,
      Account account,
      long amount,
      String instrument,
      @Nullable String description) {
    return new PaymentRequest(
        form.request(
            caller.owner(),
            "console " + kind,
            account.id().toString(),
            Long.toString(amount),
            account.currency(),
            instrument,
            String.valueOf(description)),
        account.id(),
        kind,
        Money.of(amount, account.currency()),
        instrument,
        null,
        description,
        null,
        null,
        false);
  }

  private static String page(PaymentId payment) {
    return "/console/payments/" + payment;
  }

  private static boolean isPayIn(HttpServletRequest request) {
    return request.getRequestURI().equals(PAY_IN);
  }

  private Map<String, ?> model(Form form, HttpServletRequest request, Caller caller) {
    return Map.of(
        "payIn",
        isPayIn(request),
        "page",
        isPayIn(request) ? PAY_IN : PAY_OUT,
        "accounts",
        accounts.offered(caller, form.value("account")),
        "tokens",
        tokens);
  }
}
