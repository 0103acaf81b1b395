package dev.evenkeel.accounts;

import org.jspecify.annotations.Nullable;

/** The record that a {@link PostingRequest} creates: a transfer or a hold. */
public sealed interface LedgerRecord permits Transfer, Hold {

  TransferId id();

  AccountId from();

  AccountId to();

  /** Minor units, positive. */
  long amount();

  String currency();

  @Nullable String description();
}
