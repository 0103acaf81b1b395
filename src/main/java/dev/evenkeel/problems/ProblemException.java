package dev.evenkeel.problems;

/** Ends a request with a problem. For the web only: below it, a refusal is a result. */
public final class ProblemException extends RuntimeException {

  private final Problem problem;
  private final boolean replayed;

  public ProblemException(Problem problem) {
    this(problem, false);
  }

  /**
   * @param replayed whether the same key has been refused with this problem before
   */
  public ProblemException(Problem problem, boolean replayed) {
    super(problem.type().slug() + ": " + problem.detail(), null, false, false);
    this.problem = problem;
    this.replayed = replayed;
  }

  public ProblemException(ProblemType type, String detail) {
    this(Problem.of(type, detail));
  }

  public static ProblemException invalid(String field, String message) {
    return new ProblemException(Problem.invalid(field, message));
  }

  /** The answer for what is not there, and alike for what belongs to somebody else. */
  public static ProblemException notFound() {
    return new ProblemException(CommonProblem.NOT_FOUND, "There is no such resource.");
  }

  public Problem problem() {
    return problem;
  }

  public boolean replayed() {
    return replayed;
  }
}
