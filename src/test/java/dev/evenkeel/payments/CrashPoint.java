package dev.evenkeel.payments;

/** A point where the process may die while it handles a payment: around and between commits. */
public enum CrashPoint {
  BEFORE_THE_INTENT_COMMITS("beforeCommit " + PaymentIntake.ACCEPT),
  AFTER_THE_INTENT_COMMITTED("afterCommit " + PaymentIntake.ACCEPT),
  AFTER_THE_PROVIDERS_ANSWER("beforeBegin " + PaymentAttempts.APPLY),
  BEFORE_THE_OUTCOME_COMMITS("beforeCommit " + PaymentAttempts.APPLY),
  AFTER_THE_OUTCOME_COMMITTED("afterCommit " + PaymentAttempts.APPLY);

  private final String parkedAt;

  CrashPoint(String parkedAt) {
    this.parkedAt = parkedAt;
  }

  /** The name of the point for {@link dev.testing.PausePoints}. */
  public String parkedAt() {
    return parkedAt;
  }

  /** The number of payments that are stored at this point. */
  public int stored() {
    return this == BEFORE_THE_INTENT_COMMITS ? 0 : 1;
  }

  /** The number of operations that the provider has made at this point. */
  public int operations() {
    return compareTo(AFTER_THE_PROVIDERS_ANSWER) < 0 ? 0 : 1;
  }

  public boolean isDecided() {
    return this == AFTER_THE_OUTCOME_COMMITTED;
  }
}
