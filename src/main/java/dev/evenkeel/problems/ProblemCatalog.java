package dev.evenkeel.problems;

import java.util.List;

/** The problem types of one module, as a bean, so that a type can be found by its slug. */
public record ProblemCatalog(List<? extends ProblemType> types) {

  public static ProblemCatalog of(ProblemType... types) {
    return new ProblemCatalog(List.of(types));
  }
}
