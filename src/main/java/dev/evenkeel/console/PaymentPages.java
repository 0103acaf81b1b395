package dev.evenkeel.console;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.database.Ids;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.payments.PaymentDetails;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.Payments;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** Payments, and all that is known of one. Operators read those of any owner. */
@ConsolePart
@Controller
@RequiresScope(read = "payments:read", write = "payments:write")
class PaymentPages {

  private static final int PAGE = 20;

  /** How many accounts the filter offers; a link can name any other. */
  private static final int OFFERED_ACCOUNTS = 100;

  /** The parts of a payment's page that change while it is under way. */
  private static final List<String> PARTS =
      List.of(
          "summary",
          "action",
          "timeline",
          "calls",
          "refunds",
          "ledger",
          "notifications", // part of notifications
          "trace");

  private static final List<PaymentStatus> STATUSES =
      Stream.of(PaymentStatus.values())
          .filter(it -> it != PaymentStatus.REFUSED && it != PaymentStatus.UNREADABLE)
          .toList();

  private final Payments payments;
  private final Accounts accounts;
  private final PaymentReader reader;
  private final LiveStreams streams;

  PaymentPages(Payments payments, Accounts accounts, PaymentReader reader, LiveStreams streams) {
    this.payments = payments;
    this.accounts = accounts;
    this.reader = reader;
    this.streams = streams;
  }

  @GetMapping("/console/payments")
  String list(
      @RequestParam(name = "owner", required = false) @Nullable String owner,
      @RequestParam(name = "account", required = false) @Nullable String account,
      @RequestParam(name = "status", required = false) @Nullable PaymentStatus status,
      @RequestParam(name = "after", required = false) @Nullable PaymentId after,
      Caller caller,
      Model model) {
    String of = caller.ownerOrSelf(owner == null || owner.isBlank() ? null : owner.strip());
    AccountId only = account == null || account.isBlank() ? null : accountId(account);
    PaymentId from = after == null ? new PaymentId(Ids.LAST) : after;
    List<PaymentDetails> found =
        payments.list(of, only, status, null, null, from, PAGE + 1).stream()
            .map(PaymentDetails::of)
            .toList();
    List<PaymentDetails> shown = found.stream().limit(PAGE).toList();
    model.addAttribute("owner", of);
    model.addAttribute("account", only);
    model.addAttribute("status", status);
    model.addAttribute("statuses", STATUSES);
    model.addAttribute("accounts", offered(of, caller));
    model.addAttribute("payments", shown);
    model.addAttribute("next", found.size() > PAGE ? shown.getLast().id() : null);
    return "payments";
  }

  private static AccountId accountId(String text) {
    try {
      return new AccountId(UUID.fromString(text.strip()));
    } catch (IllegalArgumentException malformed) {
      throw ProblemException.notFound();
    }
  }

  private List<Account> offered(String owner, Caller caller) {
    return caller.scopes().contains("accounts:read")
        ? accounts.list(owner, new AccountId(Ids.LAST), OFFERED_ACCOUNTS)
        : List.of();
  }

  @GetMapping("/console/payments/{id}")
  String payment(@PathVariable("id") PaymentId id, Caller caller, Model model) {
    model.addAllAttributes(reader.read(id, caller));
    model.addAttribute(
        "server", ServletUriComponentsBuilder.fromCurrentContextPath().toUriString());
    return "payment";
  }

  @GetMapping(path = "/console/payments/{id}/live", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  SseEmitter live(
      @PathVariable("id") PaymentId id,
      Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    reader.read(id, caller); // answers 404 before the stream begins
    LivePage page = new LivePage("payment", PARTS, reader.follow(id, caller));
    return streams.open(page, caller, request, response);
  }
}
