package dev.benchmark;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.testing.TokenIssuer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/** Requests for transfers of one cent, each with a key that nobody used before. */
final class Transfers implements Load.Requests {

  private static final byte[] HEX = "0123456789abcdef".getBytes(ISO_8859_1);
  private static final String AUTHORIZATION =
      "Bearer " + TokenIssuer.ofTests().token("demo", TokenIssuer.OWNER_SCOPES);
  private static final String NOBODY = new UUID(0, 0).toString();
  private static final String TRANSFER =
      "{\"from\":\"%1$s\",\"to\":\"%1$s\",\"amount\":1,\"currency\":\"EUR\"}".formatted(NOBODY);

  private final SplittableRandom random = new SplittableRandom();
  private final byte[][] accounts;
  private final boolean hot;
  private final ByteBuffer request;
  private final int key;
  private final int body;
  private final int size;

  private Transfers(List<UUID> accounts, boolean hot, String path, String body, int size) {
    this.accounts =
        accounts.stream().map(id -> id.toString().getBytes(ISO_8859_1)).toArray(byte[][]::new);
    this.hot = hot;
    String head =
        """
        POST %s HTTP/1.1\r
        Host: localhost\r
        Authorization: %s\r
        Content-Type: application/json\r
        Content-Length: %d\r
        Idempotency-Key: %s\r
        \r
        """
            .formatted(path, AUTHORIZATION, body.length(), NOBODY);
    byte[] bytes = (head + body).getBytes(ISO_8859_1);
    this.request = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    this.key = head.indexOf(NOBODY);
    this.body = head.length() + body.indexOf("{\"from\"");
    this.size = size;
  }

  /** Between any two of them. */
  static Transfers between(List<UUID> accounts) {
    return new Transfers(accounts, false, "/v1/transfers", TRANSFER, 1);
  }

  /** Between the first of them and any other, in either direction. */
  static Transfers withTheFirstOf(List<UUID> accounts) {
    return new Transfers(accounts, true, "/v1/transfers", TRANSFER, 1);
  }

  /** So many in each request, between any two accounts. */
  static Transfers batches(List<UUID> accounts, int size) {
    String transfers = (TRANSFER + ",").repeat(size - 1) + TRANSFER;
    String body = "{\"atomic\":false,\"transfers\":[" + transfers + "]}";
    return new Transfers(accounts, false, "/v1/transfers/batch", body, size);
  }

  /** No transfer at all: something is read, again and again. */
  static Load.Requests get(String path) {
    byte[] bytes =
        "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n"
            .formatted(path, AUTHORIZATION)
            .getBytes(ISO_8859_1);
    ByteBuffer request = ByteBuffer.allocateDirect(bytes.length).put(bytes);
    return request::rewind;
  }

  @Override
  public ByteBuffer next() {
    for (int i = 0; i < 32; i += 16) {
      long bits = random.nextLong();
      for (int digit = 0; digit < 16; digit++) {
        request.put(key + i + digit, HEX[(int) (bits >>> 4 * digit) & 15]);
      }
    }
    int from = TRANSFER.indexOf(NOBODY);
    int to = TRANSFER.lastIndexOf(NOBODY);
    for (int i = 0; i < size; i++) {
      int one = hot ? 0 : random.nextInt(accounts.length);
      int other = (one + 1 + random.nextInt(accounts.length - 1)) % accounts.length;
      boolean swap = hot && random.nextBoolean();
      int transfer = body + i * (TRANSFER.length() + 1);
      request.put(transfer + from, accounts[swap ? other : one]);
      request.put(transfer + to, accounts[swap ? one : other]);
    }
    return request.rewind();
  }
}
