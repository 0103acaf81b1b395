package dev.evenkeel.notifications.webhooks;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks up hosts in DNS, for up to two seconds each. A lookup cannot be cancelled, so one that is
 * given up keeps its thread until the operating system ends it.
 */
final class HostLookups implements AutoCloseable {

  /** Also the text for a host with internal addresses, so that it looks like an unknown one. */
  static final String UNRESOLVED = " does not resolve to allowed addresses";

  private static final int TIMEOUT_SECONDS = 2;

  private final Lookup lookup;

  /** By host, so that a host whose DNS server is silent blocks one thread only. */
  private final Map<String, CompletableFuture<InetAddress[]>> pending = new ConcurrentHashMap<>();

  /** Platform threads, because a DNS lookup would block a virtual thread's carrier. */
  private final ExecutorService threads;

  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /** The lookup was not started, because too many are in progress. */
  static final class TooManyLookupsException extends UnknownHostException {
    TooManyLookupsException(String host) {
      super("too many DNS lookups in progress to resolve " + host);
    }
  }

  /** The lookup did not end in time, so nothing is known about the host. */
  static final class LateLookupException extends UnknownHostException {
    LateLookupException(String host) {
      super(host + " was not resolved in time");
    }
  }

  HostLookups(Lookup lookup, int max) {
    this.lookup = lookup;
    this.threads =
        new ThreadPoolExecutor(
            0,
            max,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("webhook-lookup-", 0).factory());
  }

  InetAddress[] addresses(String host) throws UnknownHostException {
    return addresses(host, () -> {});
  }

  /**
   * Looks up a host, or waits for a lookup of it that is in progress.
   *
   * @param ended runs once when that lookup has ended, be it after this method has returned
   */
  InetAddress[] addresses(String host, Runnable ended) throws UnknownHostException {
    CompletableFuture<InetAddress[]> result;
    try {
      result = pending.computeIfAbsent(host, this::start);
    } catch (RejectedExecutionException full) {
      ended.run();
      throw new TooManyLookupsException(host);
    }
    result.whenComplete((_, _) -> ended.run());
    try {
      return result.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException unknown) {
      throw new UnknownHostException(host + UNRESOLVED);
    } catch (TimeoutException late) {
      throw new LateLookupException(host);
    } catch (InterruptedException shutdown) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException("interrupted");
    }
  }

  private CompletableFuture<InetAddress[]> start(String host) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return lookup.addresses(host);
          } catch (UnknownHostException unknown) {
            throw new UncheckedIOException(unknown);
          } finally {
            pending.remove(host);
          }
        },
        threads);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
