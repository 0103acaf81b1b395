package dev.evenkeel.payments;

/** Where the process can die with a payment in hand: around each commit, and between them. */
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

  /** As {@link dev.testing.PausePoints} is told. */
  public String parkedAt() {
    return parkedAt;
  }

  /** How many payments are stored when the process dies there. */
  public int stored() {
    return this == BEFORE_THE_INTENT_COMMITS ? 0 : 1;
  }

  /** How many operations the provider has by then. */
  public int operations() {
    return compareTo(AFTER_THE_PROVIDERS_ANSWER) < 0 ? 0 : 1;
  }

  public boolean isDecided() {
    return this == AFTER_THE_OUTCOME_COMMITTED;
  }
}
