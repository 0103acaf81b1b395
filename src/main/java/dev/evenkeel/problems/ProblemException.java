package dev.evenkeel.problems;

/** Ends a request with a problem. Only the web layer throws it; below, a refusal is a result. */
public final class ProblemException extends RuntimeException {

  private final Problem problem;
  private final boolean replayed;

  public ProblemException(Problem problem) {
    this(problem, false);
  }

  /**
   * @param replayed whether this repeats the refusal of an earlier request with the same key
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

  /** 404 for a resource that does not exist, and alike for one that the caller may not see. */
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
