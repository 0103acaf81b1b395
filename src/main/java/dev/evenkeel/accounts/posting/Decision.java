package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the rules make of a posting. */
sealed interface Decision {

  PostingRequest posting();

  /**
   * Money moves.
   *
   * @param ended the hold that ends with it
   */
  record Post(
      PostingRequest posting, List<Transfer.Entry> entries, String currency, @Nullable Hold ended)
      implements Decision {}

  /**
   * Money is promised.
   *
   * @param lasts null for a payment's, which never expires
   */
  record Place(PostingRequest posting, UUID from, UUID to, Money money, @Nullable Duration lasts)
      implements Decision {}

  record Refuse(PostingRequest posting, Problem problem) implements Decision {}
}
