package dev.evenkeel.platform;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells whether two requests under one idempotency key are the same request: a version and the
 * SHA-256 of the JSON that the caller sent, its keys sorted, no defaults filled in, so that a
 * release that adds a field recognises the requests of the one before.
 */
public final class Fingerprint {

  private static final byte VERSION = 1;
  private static final JsonMapper CANONICAL =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  private final byte[] bytes;

  private Fingerprint(byte[] bytes) {
    this.bytes = bytes;
  }

  /** As it was stored, see {@link #bytes()}. */
  public static Fingerprint ofStored(byte[] bytes) {
    return new Fingerprint(bytes.clone());
  }

  /**
   * @param target what of the request's path matters, such as the id of what is refunded, or empty
   */
  static Fingerprint of(String target, JsonNode body) {
    return new Fingerprint(digest(target + "\n" + CANONICAL.writeValueAsString(body)));
  }

  /** For what no caller sent: a posting that follows from a payment, say. */
  public static Fingerprint of(String... parts) {
    return new Fingerprint(digest(String.join("\n", parts)));
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  private static byte[] digest(String canonical) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(StandardCharsets.UTF_8));
      byte[] versioned = new byte[hash.length + 1];
      versioned[0] = VERSION;
      System.arraycopy(hash, 0, versioned, 1, hash.length);
      return versioned;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fingerprint that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** In hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
