package dev.evenkeel.notifications.webhooks;

import dev.evenkeel.notifications.webhooks.HostLookups.LateLookupException;
import dev.evenkeel.notifications.webhooks.HostLookups.TooManyLookupsException;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Decides which URLs and IP addresses webhooks may be sent to, which protects the internal network
 * from server-side request forgery (SSRF). A URL and its host are checked when an endpoint is
 * created. The addresses of the host are checked again at every attempt, which connects to the
 * checked address, because a DNS record may change in between. Responses do not tell whether a host
 * does not exist or is internal.
 */
public final class WebhookAddresses implements AutoCloseable {

  private static final int MAX_LOOKUPS = 500;
  private static final int MAX_CHECKS = 50;
  private static final int MAX_CHECKS_PER_OWNER = 2;

  private static final Comparator<InetAddress> ORDER =
      Comparator.comparing(
          InetAddress::getAddress,
          Comparator.comparingInt((byte[] address) -> address.length)
              .thenComparing(Arrays::compareUnsigned));

  private final boolean allowPrivate;
  private final HostLookups lookups;

  /** For new endpoints: on other threads, so that no delivery waits for them. */
  private final HostLookups checks;

  private final Map<String, Integer> checksByOwner = new ConcurrentHashMap<>();

  WebhookAddresses(boolean allowPrivate, HostLookups.Lookup lookup) {
    this.allowPrivate = allowPrivate;
    this.lookups = new HostLookups(lookup, MAX_LOOKUPS);
    this.checks = new HostLookups(lookup, MAX_CHECKS);
  }

  /**
   * Checks the URL of a new endpoint, without looking up its host.
   *
   * @return {@code invalid-request} for a malformed URL, {@code address-not-allowed} for a URL that
   *     webhooks may not be sent to
   */
  public Optional<Problem> problemWithUrl(String url) {
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
      return Optional.of(notAllowed("must be an http or https URL"));
    }
    String authority = String.valueOf(uri.getRawAuthority());
    if (uri.getRawUserInfo() != null || authority.contains("@")) {
      return Optional.of(notAllowed("must not contain user info"));
    }
    if (AddressRules.isAmbiguous(authority.replaceFirst(":[0-9]*$", ""))) {
      return Optional.of(notPublic());
    }
    if (uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > 65_535) {
      return Optional.of(Problem.invalid("url", "must name a host"));
    }
    return Optional.empty();
  }

  /**
   * Looks up the host of a new endpoint.
   *
   * @param url a URL without a {@link #problemWithUrl problem}
   * @throws BusyException if too many hosts are being looked up, or DNS does not answer in time:
   *     nothing is decided then, so the idempotency key may be used again
   */
  public Optional<Problem> problemWithHost(String url, String owner) {
    if (allowPrivate) {
      return Optional.empty();
    }
    if (checksByOwner.merge(owner, 1, Integer::sum) > MAX_CHECKS_PER_OWNER) {
      endCheck(owner);
      return Optional.of(
          Problem.of(
              CommonProblem.TOO_MANY_REQUESTS,
              "The hosts of your last endpoints are being looked up."));
    }
    try {
      InetAddress[] addresses = checks.addresses(URI.create(url).getHost(), () -> endCheck(owner));
      return isPublic(addresses) ? Optional.empty() : Optional.of(notPublic());
    } catch (TooManyLookupsException | LateLookupException undecided) {
      throw new BusyException(String.valueOf(undecided.getMessage()));
    } catch (UnknownHostException unknown) {
      return Optional.of(notPublic());
    }
  }

  private void endCheck(String owner) {
    checksByOwner.computeIfPresent(owner, (_, count) -> count == 1 ? null : count - 1);
  }

  private static Problem notPublic() {
    return notAllowed("must resolve to public addresses only");
  }

  private static Problem notAllowed(String message) {
    return Problem.of(WebhookProblem.ADDRESS_NOT_ALLOWED, "\"url\" " + message + ".")
        .onField("url", message);
  }

  /**
   * Resolves a host to the address for one attempt, and fails if one of its addresses is not
   * allowed. Attempts take turns through the addresses, in an order that does not depend on the
   * order in DNS; through those of IPv6 only if there are no others, as many hosts lack IPv6.
   *
   * @param attempt from 1
   */
  InetAddress resolve(String host, int attempt) throws UnknownHostException {
    if (!AddressRules.isAmbiguous(host)) {
      InetAddress[] addresses = lookups.addresses(host);
      if (allowPrivate || isPublic(addresses)) {
        List<InetAddress> sorted = Stream.of(addresses).sorted(ORDER).toList();
        int length = sorted.getFirst().getAddress().length;
        long usable = sorted.stream().filter(it -> it.getAddress().length == length).count();
        return sorted.get((int) ((attempt - 1) % usable));
      }
    }
    throw new UnknownHostException(host + HostLookups.UNRESOLVED);
  }

  private static boolean isPublic(InetAddress[] addresses) {
    return Stream.of(addresses).allMatch(AddressRules::isPublic);
  }

  @Override
  public void close() {
    lookups.close();
    checks.close();
  }
}
