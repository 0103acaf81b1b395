package dev.evenkeel.accounts.groupcommit;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.posting.PostingFixture;
import dev.evenkeel.accounts.posting.RulesFixture;
import dev.evenkeel.idempotency.Outcome;
import java.util.UUID;

/** Queued requests of callers that do not exist. */
final class QueuedPostings {

  static final Account ADA = RulesFixture.account("ada", 1000, 0);
  static final Account BOB = RulesFixture.account("bob", 0, 0);

  private QueuedPostings() {}

  static QueuedPosting queued() {
    return new QueuedPosting(
        PostingFixture.transfer(UUID.randomUUID().toString(), ADA, BOB.id(), 1));
  }

  static Outcome<LedgerRecord> done(QueuedPosting posting) {
    return RulesFixture.outcome(posting.request, ADA, BOB);
  }
}
