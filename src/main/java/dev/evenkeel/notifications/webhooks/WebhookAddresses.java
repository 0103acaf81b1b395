package dev.evenkeel.notifications.webhooks;

import dev.evenkeel.notifications.WebhookProblem;
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
 * Where notifications may be sent to. Asked when an endpoint is made, to tell its owner; and again
 * at each connection, with the very addresses that are then connected to, since a name may mean
 * another address by then.
 */
public final class WebhookAddresses implements DnsResolver, AutoCloseable {

  private static final int LONGEST_LOOKUP_SECONDS = 2;
  private static final int LOOKUPS_AT_ONCE = 500;

  private final boolean allowPrivate;
  private final Lookup lookup;

  /** By host: one whose server is silent takes one thread, however many ask for it. */
  private final Map<String, Future<InetAddress[]>> underWay = new ConcurrentHashMap<>();

  /** Threads of the system: a look-up blocks the one that it is on, also a virtual thread's. */
  private final ExecutorService lookups =
      new ThreadPoolExecutor(
          0,
          LOOKUPS_AT_ONCE,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("webhook-lookup-", 0).factory());

  public interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  public WebhookAddresses(boolean allowPrivate, Lookup lookup) {
    this.allowPrivate = allowPrivate;
    this.lookup = lookup;
  }

  /** The name has an address, but none may be connected to. */
  static final class NotAllowedException extends UnknownHostException {
    NotAllowedException(String host) {
      super("the address of " + host + " is not allowed");
    }
  }

  /** So many look-ups are under way that this one was not begun. */
  static final class NotLookedUpException extends UnknownHostException {
    NotLookedUpException(String host) {
      super("too much was being looked up to look up " + host);
    }
  }

  /**
   * @return 400 for what is no URL, 422 for one that is not allowed. A name that has no address at
   *     the moment is no problem yet
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
      return Optional.of(Problem.invalid("url", "must be a URL with its scheme"));
    }
    if (!Set.of("http", "https").contains(scheme.toLowerCase(Locale.ROOT))) {
      return notAllowed("must be an http or https URL");
    }
    if (uri.getRawUserInfo() != null || String.valueOf(uri.getRawAuthority()).contains("@")) {
      return notAllowed("must have no user info");
    }
    if (uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > 65_535) {
      return Optional.of(Problem.invalid("url", "must name a host"));
    }
    try {
      resolve(uri.getHost());
      return Optional.empty();
    } catch (NotAllowedException _) {
      return notAllowed("must not lead to an address that is not public");
    } catch (UnknownHostException notNow) {
      return Optional.empty();
    }
  }

  private static Optional<Problem> notAllowed(String message) {
    Problem problem = Problem.of(WebhookProblem.ADDRESS_NOT_ALLOWED, "\"url\" " + message + ".");
    return Optional.of(problem.onField("url", message));
  }

  /** All addresses of the host, if all are allowed. */
  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] addresses = lookUp(host);
    if (!allowPrivate && !Stream.of(addresses).allMatch(AddressRules::isPublic)) {
      throw new NotAllowedException(host);
    }
    return addresses;
  }

  /** Nothing ends a look-up but its answer: whoever waits leaves it behind. */
  private InetAddress[] lookUp(String host) throws UnknownHostException {
    try {
      return underWay
          .computeIfAbsent(host, this::begin)
          .get(LONGEST_LOOKUP_SECONDS, TimeUnit.SECONDS);
    } catch (RejectedExecutionException full) {
      throw new NotLookedUpException(host);
    } catch (ExecutionException unknown) {
      throw new UnknownHostException(host + " has no address");
    } catch (TimeoutException late) {
      throw new UnknownHostException(host + " was not found in time");
    } catch (InterruptedException shutdown) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException("interrupted");
    }
  }

  private Future<InetAddress[]> begin(String host) {
    return lookups.submit(() -> {
      try {
        return lookup.addresses(host);
      } finally {
        underWay.remove(host);
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
