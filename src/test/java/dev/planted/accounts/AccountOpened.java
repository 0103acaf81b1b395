package dev.planted.accounts;

import java.util.List;

/** An event that carries entities. */
public record AccountOpened(List<Account> accounts) {}
