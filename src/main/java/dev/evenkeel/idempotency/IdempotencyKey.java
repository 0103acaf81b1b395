package dev.evenkeel.idempotency;

import java.util.regex.Pattern;

/**
 * A caller's key for one request: 1 to 255 visible ASCII characters. Its scope is the owner and the
 * operation.
 */
public record IdempotencyKey(String value) {

  public static final String HEADER = "Idempotency-Key";

  private static final Pattern VISIBLE_ASCII = Pattern.compile("[\\x21-\\x7E]{1,255}");

  public IdempotencyKey {
    if (!VISIBLE_ASCII.matcher(value).matches()) {
      throw new IllegalArgumentException("must be 1 to 255 visible ASCII characters");
    }
  }

  /**
   * Reads the header. A quoted value (a structured field string) is the same key without quotes.
   */
  public static IdempotencyKey ofHeader(String header) {
    String value = header.strip();
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return new IdempotencyKey(quoted ? value.substring(1, value.length() - 1) : value);
  }
}
