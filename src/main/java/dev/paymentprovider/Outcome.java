package dev.paymentprovider;

/** What became of a request under its key. */
sealed interface Outcome {

  /**
   * @param fresh done just now, not remembered
   */
  record Done(Operation operation, boolean fresh) implements Outcome {}

  record KeyReused() implements Outcome {}

  record InProgress() implements Outcome {}
}
