package dev.evenkeel.platform;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells whether two requests under one idempotency key are the same request: a version and the
 * SHA-256 of the JSON that the caller sent, its keys sorted, no defaults filled in, so that a
 * release that adds a field recognises the requests of the one before.
 */
public final class Fingerprint {

  private static final byte VERSION = 1;

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
    StringBuilder canonical = new StringBuilder(target).append('\n');
    write(body, canonical);
    return new Fingerprint(digest(canonical.toString()));
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

  private static void write(JsonNode node, StringBuilder out) {
    if (node.isObject()) {
      out.append('{');
      TreeMap<String, JsonNode> sorted = new TreeMap<>();
      node.propertyStream().forEach(field -> sorted.put(field.getKey(), field.getValue()));
      sorted.forEach((name, value) -> {
        out.append(JsonMapper.shared().writeValueAsString(name)).append(':');
        write(value, out);
        out.append(',');
      });
      out.append('}');
    } else if (node.isArray()) {
      out.append('[');
      node.forEach(element -> {
        write(element, out);
        out.append(',');
      });
      out.append(']');
    } else {
      out.append(node);
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
