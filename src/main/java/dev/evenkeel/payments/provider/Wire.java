package dev.evenkeel.payments.provider;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** HTTP calls to a provider, bounded in time and size. The simulation of payments has its own. */
public interface Wire extends AutoCloseable {

  /** The longest answer about one operation, in bytes. */
  int MAX_ANSWER = 64 * 1024;

  /** The longest page of a report, in bytes: far more than its lines need. */
  int MAX_PAGE = 1024 * 1024;

  /**
   * A request.
   *
   * @param name names the span
   * @param path with its query, after the provider's URL
   * @param body null for a GET
   * @param maxAnswer in bytes
   */
  record Call(
      String name,
      String path,
      Map<String, String> headers,
      @Nullable String body,
      int maxAnswer) {}

  /** An answer. */
  record Reply(int status, HttpHeaders headers, byte[] body) {

    /**
     * Returns the body of a report or a balance.
     *
     * @throws TooManyRequestsException after 429
     * @throws IOException after any other status than 200
     */
    public byte[] okBody() throws IOException {
      return switch (status) {
        case 200 -> body;
        case 429 -> throw new TooManyRequestsException(RetryAfter.pause(headers));
        default -> throw new IOException("the provider answered " + status);
      };
    }
  }

  /**
   * Makes a call, and closes its connection if the answer is not complete in time.
   *
   * @throws NotConnectedException if nothing was sent
   * @throws IOException for every other failure; the request may have been sent
   */
  Reply exchange(Call call, Duration timeout) throws IOException;

  @Override
  void close();
}
