package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.Audit;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.Input;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The ledger as its operators see it. */
@RestController
class LedgerOperationsController {

  private final Audit audit;

  LedgerOperationsController(Audit audit) {
    this.audit = audit;
  }

  @GetMapping("/v1/operations/ledger")
  Audit.Report ledger(Caller caller, Input input) {
    caller.requireOperator();
    input.nothing();
    return audit.check();
  }
}
