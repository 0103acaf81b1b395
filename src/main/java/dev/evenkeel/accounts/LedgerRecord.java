package dev.evenkeel.accounts;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The record that a {@link PostingRequest} creates: a transfer or a hold. */
public sealed interface LedgerRecord permits Transfer, Hold {

  UUID id();

  AccountId from();

  AccountId to();

  /** Minor units, positive. */
  long amount();

  String currency();

  @Nullable String description();
}
