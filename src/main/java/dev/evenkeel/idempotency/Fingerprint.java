package dev.evenkeel.idempotency;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells whether two requests under one idempotency key are the same request: a version and the
 * SHA-256 of the JSON that the caller sent, its keys sorted, no defaults filled in, so that a
 * release that adds a field recognises the requests of the one before.
 *
 * @param hex in hexadecimal digits
 */
public record Fingerprint(String hex) {

  private static final String VERSION = "01";
  private static final JsonMapper CANONICAL =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  /** As it was stored, see {@link #bytes()}. */
  public static Fingerprint ofStored(byte[] bytes) {
    return new Fingerprint(HexFormat.of().formatHex(bytes));
  }

  /**
   * @param target what of the request's path matters, such as the id of what is refunded, or empty
   */
  public static Fingerprint of(String target, JsonNode body) {
    return of(target, CANONICAL.writeValueAsString(body));
  }

  /** For what no caller sent: a posting that follows from a payment, say. */
  public static Fingerprint of(String... parts) {
    try {
      byte[] content = String.join("\n", parts).getBytes(StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return new Fingerprint(VERSION + HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }
}
