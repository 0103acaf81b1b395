package dev.evenkeel.payments.provider;

import dev.evenkeel.payments.provider.ProviderRequest.Order;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A payment provider, as one package knows it: how orders are written and sent, and what answers
 * mean. Nothing here is repeated, delayed or kept: breakers, bulkheads, deadlines and recovery are
 * {@link GuardedGateway} and its callers. Each method may be called by many threads at once.
 *
 * <p>Methods that call the provider make one attempt and end within the timeout. They throw {@link
 * NotConnectedException} if nothing was sent, and another {@link IOException} if there was no
 * complete answer: then the request may have been sent.
 */
public interface Gateway extends AutoCloseable {

  /** The provider's name, which is stored with each payment: lower case, and never changed. */
  String name();

  /**
   * Writes an order, without any call. It is stored before it is sent, and sent again byte for
   * byte.
   */
  String write(Order order);

  /** Sends an order under its idempotency key, {@link Order#reference}. */
  Answer send(ProviderRequest request, Duration timeout) throws IOException;

  /**
   * Captures or cancels the operation that is {@link ProviderRequest#known}. It has the same effect
   * however often it is sent.
   */
  Answer followUp(ProviderRequest request, Duration timeout) throws IOException;

  /**
   * Asks what became of a request: by its operation's id if that is known, else by its reference.
   * It never makes an operation.
   */
  Answer query(ProviderRequest request, Duration timeout) throws IOException;

  /**
   * How long a query by our reference may miss an operation that was made. Only after that time
   * does "not found" prove anything.
   */
  default Duration queryDelay() {
    return Duration.ZERO;
  }

  /**
   * Lists the provider's operations of a time span, and what it deducted, in pages and in a stable
   * order.
   *
   * @param after the last line of the previous page; null for the first page
   * @throws TooManyRequestsException if it is to be asked again later
   * @throws IOException without a complete and well-formed answer
   */
  ReportPage list(Instant from, Instant to, @Nullable String after, Duration timeout)
      throws IOException;

  /** Asks what the provider owes us now, in each currency; empty if it does not say. */
  default List<ProviderBalance> balances(Duration timeout) throws IOException {
    return List.of();
  }

  /**
   * Verifies and reads a webhook. What it says is never believed: it is a hint to ask.
   *
   * @param headers by name in lower case
   * @param body the bytes as received
   */
  WebhookHint readWebhook(Map<String, List<String>> headers, byte[] body);

  @Override
  void close();
}
