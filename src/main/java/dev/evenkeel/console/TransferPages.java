package dev.evenkeel.console;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.Transfers;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.problems.ProblemException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

/** A transfer, as the owner of either account sees it. */
@ConsolePart
@Controller
@RequiresScope(read = "accounts:read", write = "accounts:write")
class TransferPages {

  private final Transfers transfers;

  TransferPages(Transfers transfers) {
    this.transfers = transfers;
  }

  static String page(TransferId id) {
    return "/console/transfers/" + id;
  }

  /**
   * An account of a transfer.
   *
   * @param name null if the account is another owner's
   */
  record Side(AccountId account, @Nullable String name) {}

  @GetMapping("/console/transfers/{id}")
  String transfer(@PathVariable("id") TransferId id, Caller caller, Model model) {
    Transfer transfer =
        transfers
            .find(id)
            .filter(it -> caller.isOperator() || it.concerns(caller.owner()))
            .orElseThrow(ProblemException::notFound);
    List<Transfer.Entry> customers =
        transfer.entries().stream().filter(entry -> entry.customer() != null).toList();
    model.addAttribute("transfer", transfer);
    model.addAttribute("from", side(transfer.from(), customers, caller));
    model.addAttribute("to", side(transfer.to(), customers, caller));
    model.addAttribute(
        "entries", customers.stream().filter(entry -> isVisible(entry, caller)).toList());
    model.addAttribute("sender", caller.maySee(transfer.owner()));
    return "transfer";
  }

  /** Null for an account of the ledger's own. */
  private static @Nullable Side side(
      AccountId account, List<Transfer.Entry> customers, Caller caller) {
    return customers.stream()
        .filter(entry -> entry.account().equals(account))
        .map(entry -> new Side(account, isVisible(entry, caller) ? name(entry) : null))
        .findFirst()
        .orElse(null);
  }

  private static boolean isVisible(Transfer.Entry entry, Caller caller) {
    return entry.customer() != null && caller.maySee(entry.customer().owner());
  }

  private static @Nullable String name(Transfer.Entry entry) {
    return entry.customer() == null ? null : entry.customer().name();
  }
}
