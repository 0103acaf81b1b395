package dev.evenkeel.notifications.webhooks;

import dev.evenkeel.problems.Problem;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Decides which URLs and IP addresses webhooks may be sent to, which protects the internal network
 * from server-side request forgery (SSRF). A URL is checked when its endpoint is created. The
 * addresses of its host are checked again for every connection, by the resolver that the HTTP
 * client connects with, because a DNS record may change in between.
 */
public final class WebhookAddresses implements DnsResolver, AutoCloseable {

  private static final int LOOKUP_TIMEOUT_SECONDS = 2;
  private static final int MAX_LOOKUPS = 500;

  private final boolean allowPrivate;
  private final Lookup lookup;

  /** By host, so that a host whose DNS server is silent blocks one thread only. */
  private final Map<String, Future<InetAddress[]>> pending = new ConcurrentHashMap<>();

  /** Platform threads, because a DNS lookup would block a virtual thread's carrier. */
  private final ExecutorService lookups =
      new ThreadPoolExecutor(
          0,
          MAX_LOOKUPS,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("webhook-lookup-", 0).factory());

  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  WebhookAddresses(boolean allowPrivate, Lookup lookup) {
    this.allowPrivate = allowPrivate;
    this.lookup = lookup;
  }

  /** The host has an address that is not allowed. */
  static final class NotAllowedException extends UnknownHostException {
    NotAllowedException(String host) {
      super("the address of " + host + " is not allowed");
    }
  }

  /** The lookup was not started, because too many are in progress. */
  static final class TooManyLookupsException extends UnknownHostException {
    TooManyLookupsException(String host) {
      super("too many DNS lookups in progress to resolve " + host);
    }
  }

  /**
   * Checks the URL of a new endpoint. A host that does not resolve at the moment is accepted.
   *
   * @return {@code invalid-request} for a malformed URL, {@code address-not-allowed} for a URL that
   *     webhooks may not be sent to
   */
  public Optional<Problem> problemWith(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException malformed) {
      return Optional.of(Problem.invalid("url", "must be a URL"));
    }
    String scheme = uri.getScheme();
    if (scheme == null) {
      return Optional.of(Problem.invalid("url", "must have a scheme"));
    }
    if (!Set.of("http", "https").contains(scheme.toLowerCase(Locale.ROOT))) {
      return notAllowed("must be an http or https URL");
    }
    if (uri.getRawUserInfo() != null || String.valueOf(uri.getRawAuthority()).contains("@")) {
      return notAllowed("must not contain user info");
    }
    if (uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > 65_535) {
      return Optional.of(Problem.invalid("url", "must name a host"));
    }
    try {
      resolve(uri.getHost());
      return Optional.empty();
    } catch (NotAllowedException _) {
      return notAllowed("must resolve to public addresses only");
    } catch (UnknownHostException unresolved) {
      return Optional.empty();
    }
  }

  private static Optional<Problem> notAllowed(String message) {
    Problem problem = Problem.of(WebhookProblem.ADDRESS_NOT_ALLOWED, "\"url\" " + message + ".");
    return Optional.of(problem.onField("url", message));
  }

  /** Resolves a host, and fails if one of its addresses is not allowed. */
  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] addresses = lookUp(host);
    if (!allowPrivate && !Stream.of(addresses).allMatch(AddressRules::isPublic)) {
      throw new NotAllowedException(host);
    }
    return addresses;
  }

  /** A lookup cannot be cancelled, so a caller that times out leaves it running. */
  private InetAddress[] lookUp(String host) throws UnknownHostException {
    try {
      return pending
          .computeIfAbsent(host, this::startLookup)
          .get(LOOKUP_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (RejectedExecutionException full) {
      throw new TooManyLookupsException(host);
    } catch (ExecutionException unknown) {
      throw new UnknownHostException(host + " cannot be resolved");
    } catch (TimeoutException late) {
      throw new UnknownHostException(host + " was not resolved in time");
    } catch (InterruptedException shutdown) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException("interrupted");
    }
  }

  private Future<InetAddress[]> startLookup(String host) {
    return lookups.submit(() -> {
      try {
        return lookup.addresses(host);
      } finally {
        pending.remove(host);
      }
    });
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }

  @Override
  public void close() {
    lookups.shutdownNow();
  }
}
