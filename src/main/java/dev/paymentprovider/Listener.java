package dev.paymentprovider;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The port, which can be closed for a while and opened again. */
final class Listener implements Closeable {

  private static final int BACKLOG = 512;
  private static final Duration A_MOMENT = Duration.ofMillis(5);

  private final HttpHandler handler;
  private final Lifetime lifetime;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final InetSocketAddress address;
  private HttpServer server;
  private boolean closed;

  /** Listens at once; the address has a port afterwards, if it had none. */
  Listener(InetSocketAddress wanted, HttpHandler handler, Lifetime lifetime) throws IOException {
    this.handler = handler;
    this.lifetime = lifetime;
    this.server = listen(wanted, handler, threads);
    this.address = server.getAddress();
  }

  int port() {
    return address.getPort();
  }

  /**
   * Returns as soon as connections are refused. Requests that have begun get a second to end, so
   * that whoever asked for this still gets an answer; then open connections are closed as well.
   */
  void refuse(Duration duration, Runnable afterwards) {
    var closing = current();
    Thread.startVirtualThread(() -> closing.stop(1));
    while (accepts()) {
      lifetime.pause(A_MOMENT);
    }
    lifetime.later(duration, () -> reopen(afterwards));
  }

  @Override
  public synchronized void close() {
    closed = true;
    server.stop(0);
    threads.shutdown();
  }

  private synchronized HttpServer current() {
    return server;
  }

  private synchronized void reopen(Runnable first) {
    if (closed) {
      return;
    }
    first.run();
    try {
      server = listen(address, handler, threads);
    } catch (IOException e) {
      throw new UncheckedIOException("Port " + port() + " was taken meanwhile", e);
    }
  }

  private boolean accepts() {
    try (var probe = new Socket(InetAddress.getLoopbackAddress(), port())) {
      return probe.isConnected();
    } catch (ConnectException refused) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static HttpServer listen(
      InetSocketAddress address, HttpHandler handler, ExecutorService threads) throws IOException {
    var server = HttpServer.create(address, BACKLOG);
    server.createContext("/", handler);
    server.setExecutor(threads);
    server.start();
    return server;
  }
}
