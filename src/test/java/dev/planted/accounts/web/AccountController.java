package dev.planted.accounts.web;

import dev.planted.accounts.Account;
import dev.planted.accounts.AccountOpened;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A controller with a query of its own. */
class AccountController {

  private final JdbcClient jdbc;

  AccountController(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  List<Long> balances() {
    return jdbc.sql("select posted from account").query(Long.class).list();
  }

  AccountOpened opened(Account account) {
    return new AccountOpened(List.of(account));
  }
}
