package dev.evenkeel.idempotency;

/**
 * Who asks, under which key, and what tells the request from another one under the same key: it
 * takes effect once.
 */
public record IdempotentRequest(String owner, IdempotencyKey key, Fingerprint fingerprint) {

  /**
   * @param stored the fingerprint of the earlier request, as it was stored
   */
  public boolean isSame(byte[] stored) {
    return Fingerprint.ofStored(stored).equals(fingerprint);
  }
}
