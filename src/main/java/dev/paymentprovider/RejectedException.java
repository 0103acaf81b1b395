package dev.paymentprovider;

/** Ends a request that isn't carried out: nothing of it is remembered. */
final class RejectedException extends RuntimeException {

  final Response response;

  RejectedException(int status, String error) {
    super(error);
    this.response = Response.error(status, error);
  }
}
