package dev.evenkeel.idempotency;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells whether two requests with one idempotency key are the same. It is a version number and the
 * SHA-256 of the path and of the JSON that the caller sent, with keys sorted and no defaults filled
 * in, so that a release that adds a field still recognises the requests of the previous release.
 *
 * @param hex in hexadecimal digits
 */
public record Fingerprint(String hex) {

  private static final String VERSION = "01";
  private static final JsonMapper CANONICAL =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  /** Restores a stored fingerprint, see {@link #bytes()}. */
  public static Fingerprint ofStored(byte[] bytes) {
    return new Fingerprint(HexFormat.of().formatHex(bytes));
  }

  /**
   * Fingerprints a request.
   *
   * @param target the request's path: refunds of two payments are two requests
   */
  public static Fingerprint of(String target, JsonNode body) {
    return of(target, CANONICAL.writeValueAsString(body));
  }

  /** Fingerprints a request that no caller sent, such as the posting of a payment. */
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
