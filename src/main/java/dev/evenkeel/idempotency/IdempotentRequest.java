package dev.evenkeel.idempotency;

/**
 * A request that takes effect once: its owner, its idempotency key, and the fingerprint that tells
 * it from a different request with the same key. Controllers take it as a parameter, after the
 * body.
 */
public record IdempotentRequest(String owner, IdempotencyKey key, Fingerprint fingerprint) {

  /**
   * Whether an earlier request with this key was the same.
   *
   * @param stored the fingerprint of the earlier request
   */
  public boolean isSame(byte[] stored) {
    return Fingerprint.ofStored(stored).equals(fingerprint);
  }
}
