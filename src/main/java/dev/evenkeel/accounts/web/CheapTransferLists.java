package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.http.ExpensiveRead;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** Lists of transfers are cheap, except over all accounts of an owner with many. */
@Component
class CheapTransferLists implements ExpensiveRead.Exemption {

  private static final int MANY = 100;

  private final Accounts accounts;

  CheapTransferLists(Accounts accounts) {
    this.accounts = accounts;
  }

  @Override
  public String kind() {
    return TransferController.LISTS;
  }

  @Override
  public boolean isCheap(HttpServletRequest request) {
    return isGiven("account", request)
        || isGiven("idempotencyKey", request)
        || !accounts.hasMoreThan(MANY, owner(request));
  }

  private static String owner(HttpServletRequest request) {
    return isGiven("owner", request)
        ? request.getParameter("owner")
        : Objects.requireNonNull(request.getRemoteUser());
  }

  private static boolean isGiven(String parameter, HttpServletRequest request) {
    String value = request.getParameter(parameter);
    return value != null && !value.isBlank();
  }
}
