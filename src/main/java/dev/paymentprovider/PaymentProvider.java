package dev.paymentprovider;

import dev.paymentprovider.Fault.Mode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The provider: started inside another process with {@code start}, or alone through {@code main}.
 */
public final class PaymentProvider implements AutoCloseable {

  private final Lifetime lifetime = new Lifetime();
  private final Faults faults = new Faults();
  private final Operations operations;
  private final Webhooks webhooks;
  private final Orders orders;
  private final Listener listener;

  private PaymentProvider(InetSocketAddress address, Path data, @Nullable WebhookTarget target)
      throws IOException {
    var clock = Clock.systemUTC();
    operations = new Operations(OperationsFile.open(data), faults, lifetime, clock);
    webhooks = new Webhooks(target, lifetime, clock);
    orders = new Orders(operations, webhooks, lifetime);
    var controls = new Controls(operations, faults, webhooks, this::refuse);
    var endpoints = new Endpoints(faults, orders, controls, new Wire(lifetime));
    try {
      listener = new Listener(address, endpoints, lifetime);
    } catch (IOException e) {
      webhooks.close();
      operations.close();
      throw e;
    }
    orders.resume();
  }

  /**
   * Listens on the loopback address only.
   *
   * @param port 0 for any that is free
   * @param data the file of its operations; made if absent
   * @throws BindException if the port is taken
   */
  public static PaymentProvider start(int port, Path data, @Nullable WebhookTarget target)
      throws IOException {
    return new PaymentProvider(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), data, target);
  }

  /** Without webhooks, until {@link #sendWebhooksTo} names a target. */
  public static PaymentProvider start(int port, Path data) throws IOException {
    return start(port, data, null);
  }

  public int port() {
    return listener.port();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /** For a target whose port is known only after this provider has started. */
  public void sendWebhooksTo(WebhookTarget target) {
    webhooks.sendTo(target);
  }

  /** How many orders arrived under this key since the start, whatever became of them. */
  public int received(String key) {
    return orders.received(key);
  }

  /** Prompt: whoever hangs or waits is dropped, and what wasn't done yet stays undone. */
  @Override
  public void close() {
    lifetime.end();
    listener.close();
    webhooks.close();
    try {
      operations.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void refuse(Duration duration) {
    listener.refuse(duration, () -> faults.heal(Mode.REFUSE));
  }

  /** Settings come from the environment: PORT, HOST, DATA, WEBHOOK_URL, WEBHOOK_SECRET. */
  public static void main(String[] args) throws Exception {
    try {
      var provider = start(System.getenv());
      Runtime.getRuntime().addShutdownHook(new Thread(provider::close));
      System.out.println("Payment provider simulator: " + provider.url());
    } catch (BindException taken) {
      fail("Port " + port(System.getenv()) + " is taken: free it, or set PORT to another one.");
    } catch (IllegalArgumentException invalid) {
      fail("Invalid setting: " + invalid.getMessage());
    } catch (IOException unusable) {
      fail("Can't use the file that DATA names: " + unusable.getMessage());
    }
    Thread.currentThread().join(); // for ever: the listener's threads end while it refuses
  }

  private static PaymentProvider start(Map<String, String> environment) throws IOException {
    var host = environment.getOrDefault("HOST", "0.0.0.0");
    var port = port(environment);
    var data = Path.of(environment.getOrDefault("DATA", "payment-provider.jsonl"));
    var url = environment.get("WEBHOOK_URL");
    var secret = environment.getOrDefault("WEBHOOK_SECRET", "");
    return new PaymentProvider(
        new InetSocketAddress(host, port),
        Files.isDirectory(data) ? data.resolve("payment-provider.jsonl") : data,
        url == null || url.isBlank() ? null : new WebhookTarget(URI.create(url), secret));
  }

  private static int port(Map<String, String> environment) {
    var port = environment.getOrDefault("PORT", "9090");
    if (!port.matches("\\d{1,5}")) {
      throw new IllegalArgumentException("PORT is no number: " + port);
    }
    return Integer.parseInt(port);
  }

  private static void fail(String line) {
    System.err.println(line);
    System.exit(1);
  }
}
