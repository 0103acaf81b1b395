package dev.paymentprovider;

/** A request that was refused before it became an operation: nothing of it is remembered. */
final class InvalidRequest extends RuntimeException {

  private final int status;
  private final String error;

  InvalidRequest(int status, String error) {
    super(error);
    this.status = status;
    this.error = error;
  }

  Answer answer() {
    return Answer.error(status, error);
  }
}
