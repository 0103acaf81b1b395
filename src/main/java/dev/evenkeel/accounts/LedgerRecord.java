package dev.evenkeel.accounts;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a {@link PostingRequest} makes. */
public sealed interface LedgerRecord permits Transfer, Hold {

  UUID id();

  UUID from();

  UUID to();

  /** Minor units, positive. */
  long amount();

  String currency();

  @Nullable String description();
}
