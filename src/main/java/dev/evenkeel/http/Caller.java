package dev.evenkeel.http;

import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The sender of a request, as a controller's parameter.
 *
 * @param owner the owner of what the caller creates; also the scope of idempotency keys
 * @param scopes such as {@code accounts:read} or {@code operations}
 * @param until when the caller's token expires
 */
public record Caller(String owner, Set<String> scopes, Instant until) {

  private static final String OPERATIONS = "operations";

  public Caller {
    scopes = Set.copyOf(scopes);
  }

  /** Operators read any owner's resource by its id. */
  public boolean isOperator() {
    return scopes.contains(OPERATIONS);
  }

  /**
   * Requires a scope.
   *
   * @throws ProblemException 403 without it
   */
  void require(String scope) {
    if (!scopes.contains(scope)) {
      throw new ProblemException(Problem.missingScope(scope));
    }
  }

  /**
   * The owner whose resources a list shows: the caller, or for operators any owner they name.
   *
   * @param named the query parameter {@code owner}
   * @throws ProblemException 403 if another owner is named by a caller who is not an operator
   */
  public String ownerOrSelf(@Nullable String named) {
    if (named == null || named.equals(owner)) {
      return owner;
    }
    require(OPERATIONS);
    return named;
  }

  /**
   * A resource that the caller may see.
   *
   * @throws ProblemException 404 if there is none, or the caller may not see it: both are answered
   *     the same
   */
  public <T> T visible(Optional<T> found, Function<T, String> ownerOf) {
    return found.filter(it -> maySee(ownerOf.apply(it))).orElseThrow(ProblemException::notFound);
  }

  /**
   * A resource that the caller owns. Operators see the resources of others but do not act on them.
   *
   * @throws ProblemException 404 if there is none, or it has another owner
   */
  public <T> T own(Optional<T> found, Function<T, String> ownerOf) {
    return found
        .filter(it -> owner.equals(ownerOf.apply(it)))
        .orElseThrow(ProblemException::notFound);
  }

  /** Whether the caller may see this owner's resources. */
  public boolean maySee(String otherOwner) {
    return owner.equals(otherOwner) || isOperator();
  }
}
