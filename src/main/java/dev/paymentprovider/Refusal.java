package dev.paymentprovider;

/** Ends a request that isn't carried out: nothing of it is remembered. */
final class Refusal extends RuntimeException {

  final Answer answer;

  Refusal(int status, String error) {
    super(error);
    this.answer = Answer.error(status, error);
  }
}
