package dev.evenkeel.http;

import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Who sends a request, and what they may do.
 *
 * @param owner the owner of whatever the caller opens; also the scope of idempotency keys
 * @param scopes such as {@code accounts:read} or {@code operations}
 */
public record Caller(String owner, Set<String> scopes) {

  public Caller {
    scopes = Set.copyOf(scopes);
  }

  /** Operators read any owner's resource by its id. */
  public boolean isOperator() {
    return scopes.contains("operations");
  }

  /**
   * @throws ProblemException 403 for anybody else
   */
  public void requireOperator() {
    if (!isOperator()) {
      throw new ProblemException(CommonProblem.FORBIDDEN, "This takes the scope \"operations\".");
    }
  }

  /**
   * What was found, where the caller may see it.
   *
   * @throws ProblemException 404 if not: to anybody else it does not exist
   */
  public <T> T visible(Optional<T> found, Function<T, String> ownerOf) {
    return found.filter(it -> maySee(ownerOf.apply(it))).orElseThrow(ProblemException::notFound);
  }

  /** Whether the caller may see what belongs to this owner. */
  public boolean maySee(String otherOwner) {
    return owner.equals(otherOwner) || isOperator();
  }
}
