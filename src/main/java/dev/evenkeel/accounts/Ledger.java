package dev.evenkeel.accounts;

import dev.evenkeel.platform.Outcome;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The ledger as other modules use it: money moves in the same transaction as what made it move. */
@Component
public class Ledger {

  private final PostingWriter writer;

  Ledger(PostingWriter writer) {
    this.writer = writer;
  }

  /**
   * Posts in the caller's transaction and demands one, which has locked no account before: a use
   * case locks its own row first and calls this once, with all its postings. A refusal is returned,
   * so that it can be kept; what is thrown rolls back and is to be run again as a whole.
   *
   * @return an outcome for each posting, in their order
   * @throws dev.evenkeel.platform.RetryingTransactions.OvertakenException if somebody else took one
   *     of the keys meanwhile
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public List<Outcome<Posted>> post(List<Posting> postings) {
    return writer.write(postings);
  }

  /** Ends a payment's hold without a posting, in the caller's transaction as above. */
  @Transactional(propagation = Propagation.MANDATORY)
  public void release(UUID hold) {
    writer.end(List.of(hold), Hold.Status.RELEASED);
  }
}
