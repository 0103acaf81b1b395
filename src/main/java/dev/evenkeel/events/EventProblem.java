package dev.evenkeel.events;

import dev.evenkeel.problems.ProblemType;

/** The reason for refusing what an operator does with an event. */
enum EventProblem implements ProblemType {
  EVENT_NOT_FAILED;

  @Override
  public int status() {
    return 409;
  }
}
