package dev.evenkeel.console;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.Transfers;
import dev.evenkeel.database.Ids;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.money.Money;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The form for a transfer. */
@ConsolePart
@Controller
@RequiresScope(read = "accounts:write", write = "accounts:write")
class TransferForm {

  static final String PAGE = "/console/transfers/new";

  private static final String TEMPLATE = "transfer-form";
  private static final TransferId LAST = new TransferId(Ids.LAST);

  private final Transfers transfers;
  private final OwnAccounts accounts;

  TransferForm(Transfers transfers, OwnAccounts accounts) {
    this.transfers = transfers;
    this.accounts = accounts;
  }

  @GetMapping(PAGE)
  ModelAndView show(
      @RequestParam(name = "from", defaultValue = "") String from,
      Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    Form form = Submission.open(request, response, caller, Map.of("from", from));
    return new ModelAndView(TEMPLATE, model(form, caller)).addObject("form", form);
  }

  @PostMapping(PAGE)
  ModelAndView send(
      @RequestParam Map<String, String> typed, Caller caller, HttpServletRequest request) {
    Form form = Form.sent(typed);
    Map<String, ?> model = model(form, caller); // nothing may fail once the form is sent
    Account from = accounts.named(form, "from", caller);
    UUID to = form.id("to");
    Long amount = from == null ? null : form.amount("amount", from.currency());
    String description = form.text("description", 500);
    if (form.isValid() && from != null && to != null && amount != null) {
      PostingRequest.Transfer transfer =
          transfer(form, caller, from, new AccountId(to), amount, description);
      ModelAndView next =
          Submission.send(
              form,
              request,
              () -> transfers.submit(transfer).map(done -> TransferPages.page(done.id())));
      if (next != null) {
        return next;
      }
    }
    if (form.isSentAlready()) {
      form.sentAs(
          transfers.list(caller.owner(), null, null, form.key(), LAST, 1).stream()
              .findFirst()
              .map(earlier -> TransferPages.page(earlier.id()))
              .orElse(null));
    }
    return Submission.refused(TEMPLATE, form, model);
  }

  private static PostingRequest.Transfer transfer(
      Form form,
      Caller caller,
      Account from,
      AccountId to,
      long amount,
      @Nullable String description) {
    IdempotentRequest request =
        form.request(
            caller.owner(),
            "console transfer",
            from.id().toString(),
            to.toString(),
            Long.toString(amount),
            from.currency(),
            String.valueOf(description));
    return new PostingRequest.Transfer(
        PostingRequest.Operation.TRANSFER.key(request.owner(), request.key()),
        request.fingerprint(),
        from.id(),
        to,
        Money.of(amount, from.currency()),
        description,
        null,
        Map.of());
  }

  private Map<String, ?> model(Form form, Caller caller) {
    return Map.of("accounts", accounts.offered(caller, form.value("from")));
  }
}
