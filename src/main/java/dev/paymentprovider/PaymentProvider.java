package dev.paymentprovider;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The provider: started inside another process with {@code start}, or alone through {@code main}.
 */
public final class PaymentProvider implements AutoCloseable {

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Webhooks webhooks = new Webhooks(threads);
  private final Server server;

  private PaymentProvider(InetSocketAddress address, Path data) throws IOException {
    var operations = new Operations(data, webhooks, threads);
    server = new Server(address, operations, threads);
    operations.resume();
  }

  /**
   * Listens on the loopback address only; without webhooks, until they have a target.
   *
   * @param port 0 for any that is free
   * @param data the file of its operations; made if absent
   * @throws BindException if the port is taken
   */
  public static PaymentProvider start(int port, Path data) throws IOException {
    return new PaymentProvider(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), data);
  }

  public int port() {
    return server.port();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /**
   * For a target whose port is known only after this provider has started.
   *
   * @param secret {@code whsec_} and the key in base 64, as Standard Webhooks has it
   */
  public void sendWebhooksTo(URI url, String secret) {
    webhooks.sendTo(url, secret);
  }

  /** How many orders arrived under this key since the start, whatever became of them. */
  public int received(String key) {
    return server.received(key);
  }

  /** How many orders and questions arrived since the start, whatever became of them. */
  public long received() {
    return server.received();
  }

  /** Prompt: whoever hangs or waits is dropped, and what wasn't done yet stays undone. */
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close(); // waits, lest the port be opened again or something be written
    server.close();
  }

  /** Settings come from the environment: PORT, HOST, DATA, WEBHOOK_URL, WEBHOOK_SECRET. */
  public static void main(String[] args) throws InterruptedException {
    var settings = System.getenv();
    var host = settings.getOrDefault("HOST", "0.0.0.0");
    var port = settings.getOrDefault("PORT", "9090");
    var data = Path.of(settings.getOrDefault("DATA", "payment-provider.jsonl"));
    var url = settings.getOrDefault("WEBHOOK_URL", "");
    try {
      var provider =
          new PaymentProvider(
              new InetSocketAddress(host, Integer.parseInt(port)),
              Files.isDirectory(data) ? data.resolve("payment-provider.jsonl") : data);
      if (!url.isBlank()) {
        provider.sendWebhooksTo(URI.create(url), settings.getOrDefault("WEBHOOK_SECRET", ""));
      }
      Runtime.getRuntime().addShutdownHook(new Thread(provider::close));
      System.out.println("Payment provider simulator: " + provider.url());
    } catch (BindException taken) {
      fail("Port " + port + " is taken: free it, or set PORT to another one.");
    } catch (IllegalArgumentException | IOException e) {
      fail("Can't start on port " + port + " with the file " + data + ": " + e.getMessage());
    }
    Thread.currentThread().join(); // for ever: the listener's threads end while it refuses
  }

  private static void fail(String line) {
    System.err.println(line);
    System.exit(1);
  }
}
