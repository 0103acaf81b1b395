package dev.paymentprovider;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The payment provider simulator. It runs inside another process with {@code start}, or on its own
 * through {@code main}.
 */
public final class PaymentProvider implements AutoCloseable {

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Webhooks webhooks = new Webhooks(threads);
  private final Server server;

  private record RealEnvironment(Executor threads, Webhooks webhooks, Supplier<URI> url)
      implements Environment {

    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public void later(Duration delay, Runnable work) {
      CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS, threads)
          .execute(work);
    }

    @Override
    public String actionPage(String id) {
      return url.get() + "/actions/" + id;
    }

    @Override
    public void sendWebhook(String reference, Fault.Mode mode) {
      webhooks.send(reference, mode);
    }
  }

  /**
   * @param publicUrl where customers reach it; null for its port on this machine
   */
  private PaymentProvider(
      InetSocketAddress address, Path data, @Nullable URI publicUrl, int feeBasisPoints)
      throws IOException {
    Supplier<URI> pages = () -> Objects.requireNonNullElseGet(publicUrl, this::url);
    var operations =
        new Operations(data, new RealEnvironment(threads, webhooks, pages), feeBasisPoints);
    server = new Server(address, operations, threads);
    operations.resume();
  }

  /**
   * Starts a provider that listens on the loopback address only. It sends no webhooks until they
   * have a target.
   *
   * @param port 0 for any free port
   * @param data the file of its operations; created if absent
   * @throws BindException if the port is taken
   */
  public static PaymentProvider start(int port, Path data) throws IOException {
    return start(port, data, 0);
  }

  /**
   * @param feeBasisPoints what each charge costs, in hundredths of a percent; it must not change
   *     while the file is kept, since it applies to all its charges
   */
  public static PaymentProvider start(int port, Path data, int feeBasisPoints) throws IOException {
    return new PaymentProvider(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), data, null, feeBasisPoints);
  }

  public int port() {
    return server.port();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /**
   * Sets the target of webhooks. Its port may be known only after this provider has started.
   *
   * @param secret {@code whsec_} and the key in Base64, as Standard Webhooks defines
   */
  public void sendWebhooksTo(URI url, String secret) {
    webhooks.sendTo(url, secret);
  }

  /** Returns how many requests for an operation arrived with this key since the start. */
  public int received(String key) {
    return server.received(key);
  }

  /** Returns how many requests for operations or their status arrived since the start. */
  public long received() {
    return server.received();
  }

  /** Stops at once: hanging and waiting requests are dropped, and their operations not made. */
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close(); // waits, so that nothing is written and no port opened afterwards
    server.close();
  }

  /**
   * Settings come from the environment: PORT, HOST, DATA, PUBLIC_URL, WEBHOOK_URL, WEBHOOK_SECRET,
   * FEE_BASIS_POINTS.
   */
  public static void main(String[] args) throws InterruptedException {
    var settings = System.getenv();
    var host = settings.getOrDefault("HOST", "0.0.0.0");
    var port = settings.getOrDefault("PORT", "9090");
    var data = Path.of(settings.getOrDefault("DATA", "payment-provider.jsonl"));
    var publicUrl = settings.getOrDefault("PUBLIC_URL", "");
    var url = settings.getOrDefault("WEBHOOK_URL", "");
    try {
      var provider =
          new PaymentProvider(
              new InetSocketAddress(host, Integer.parseInt(port)),
              Files.isDirectory(data) ? data.resolve("payment-provider.jsonl") : data,
              publicUrl.isBlank() ? null : URI.create(publicUrl),
              Integer.parseInt(settings.getOrDefault("FEE_BASIS_POINTS", "0")));
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
    Thread.currentThread()
        .join(); // forever: no thread of the listener lives while the port is closed
  }

  private static void fail(String line) {
    System.err.println(line);
    System.exit(1);
  }
}
