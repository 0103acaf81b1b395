package dev.evenkeel.accounts;

import dev.evenkeel.platform.Problem;

/** What became of a {@link Posting}. */
public sealed interface PostingOutcome {

  record Posted(Transfer transfer) implements PostingOutcome {}

  /** The same key posted this before; nothing moved now. */
  record Replayed(Transfer transfer) implements PostingOutcome {}

  /**
   * Nothing moved.
   *
   * @param replayed whether the same key was refused with this problem before
   */
  record Refused(Problem problem, boolean replayed) implements PostingOutcome {}
}
