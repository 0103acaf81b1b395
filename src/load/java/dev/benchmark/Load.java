package dev.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends requests and measures the time until their answers, from one thread and with as little work
 * as possible: the processors are for what is measured.
 */
final class Load {

  /** The next request, ready to be written. */
  @FunctionalInterface
  interface Requests {
    ByteBuffer next();
  }

  /** More than the application answers at once: its queue and what is being worked on. */
  private static final int MOST_CONNECTIONS = 7000;

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

  private final InetSocketAddress address;
  private final Requests requests;

  Load(Application application, Requests requests) {
    this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), application.port);
    this.requests = requests;
  }

  /**
   * @param done of what was answered with 200 or 201
   * @param refused of what was answered with 503 and Retry-After, from when it was sent: how long a
   *     refusal takes. Any other answer is an error.
   * @param rate how many were done a second, within the time
   */
  record Result(Latencies done, Latencies refused, double rate) {}

  /** So many connections, each of which sends its next request once it has the answer. */
  Result closed(int connections, double seconds) {
    return run(0, connections, seconds);
  }

  /**
   * So many requests a second leave on time, whether or not the earlier ones have been answered;
   * latencies count from when they were due.
   */
  Result open(double rate, double seconds) {
    return run(rate, MOST_CONNECTIONS, seconds);
  }

  private Result run(double rate, int connections, double seconds) {
    try (Selector selector = Selector.open()) {
      return new Run(selector, rate, connections, seconds).result();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Run {

    private final Selector selector;
    private final double rate;
    private final int most;
    private final double seconds;
    private final List<HttpConnection> all = new ArrayList<>();

    private final Queue<HttpConnection> idle = new ArrayDeque<>();

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    private final Latencies done = new Latencies();
    private final Latencies refused = new Latencies();
    private final long start;
    private final long end;
    private int inTime;
    private long sent;

    Run(Selector selector, double rate, int most, double seconds) throws IOException {
      this.selector = selector;
      this.rate = rate;
      this.most = most;
      this.seconds = seconds;
      // In the open model those of half a second: to open them meanwhile would be a load of its own
      double first = rate == 0 ? most : Math.min(most, rate / 2);
      while (all.size() < first) {
        idle.add(connect());
      }
      this.start = System.nanoTime();
      this.end = start + (long) (seconds * 1e9);
    }

    Result result() throws IOException {
      try {
        while (System.nanoTime() < end) {
          if (rate == 0) {
            sendNext();
            selector.select(key -> receive((HttpConnection) key.attachment()), 10);
          } else {
            sendWhatIsDue();
            selector.selectNow(key -> receive((HttpConnection) key.attachment()));
          }
        }
        while (idle.size() < all.size()) {
          if (System.nanoTime() > end + PATIENCE) {
            throw new IllegalStateException(
                (all.size() - idle.size()) + " requests were never answered");
          }
          selector.select(key -> receive((HttpConnection) key.attachment()), 10);
        }
        return new Result(done, refused, inTime / seconds);
      } finally {
        for (HttpConnection connection : all) {
          connection.close();
        }
      }
    }

    private void sendNext() throws IOException {
      while (!idle.isEmpty()) {
        idle.remove().send(requests.next(), System.nanoTime());
      }
    }

    private void sendWhatIsDue() throws IOException {
      long due = (long) ((System.nanoTime() - start) / 1e9 * rate);
      // A few at a time, so that answers are seen between them
      for (int i = 0; i < 20 && sent < due && (!idle.isEmpty() || all.size() < most); i++) {
        HttpConnection connection = idle.isEmpty() ? connect() : idle.remove();
        connection.send(requests.next(), start + (long) (sent / rate * 1e9));
        sent++;
      }
      if (sent == due) {
        LockSupport.parkNanos(100_000);
      }
    }

    private HttpConnection connect() throws IOException {
      HttpConnection connection = new HttpConnection(address, selector);
      all.add(connection);
      return connection;
    }

    private void receive(HttpConnection connection) {
      try {
        if (connection.receive(buffer)) {
          answered(connection, System.nanoTime());
          connection.reopenIfAsked();
          idle.add(connection);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void answered(HttpConnection connection, long now) {
      int status = connection.status();
      if (status == 200 || status == 201) {
        done.add(now - connection.due);
        inTime += now <= end ? 1 : 0;
      } else if (status == 503 && !connection.header("Retry-After").isEmpty()) {
        refused.add(now - connection.sent);
      } else {
        throw new IllegalStateException("nobody expects this answer: " + connection.answer());
      }
    }
  }
}
