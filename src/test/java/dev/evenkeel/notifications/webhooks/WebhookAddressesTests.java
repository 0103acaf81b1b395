package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.problems.BusyException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The URLs and addresses that webhooks may be sent to. */
class WebhookAddressesTests {

  private static final String NOT_ALLOWED = "address-not-allowed";

  final WebhookAddresses addresses = new WebhookAddresses(false, InetAddress::getAllByName);

  private static String slug(WebhookAddresses addresses, String url) {
    return addresses
        .problemWithUrl(url)
        .or(() -> addresses.problemWithHost(url, "ada"))
        .map(problem -> problem.type().slug())
        .orElse("accepted");
  }

  @ParameterizedTest
  @CsvSource({
    "loopback, http://127.0.0.1/ http://2130706433/ http://[::1]/",
    "localhost, https://localhost:8443/hook HTTP://LOCALHOST/",
    "private, http://10.1.2.3 http://[::ffff:10.0.0.1]/ http://[2002:a00:1::]/",
    "unusual, http://127.1/ http://0x7f000001:80/ http://0177.0.0.1/ http://8.8.8.010/ http://0/",
    "IPv4 in IPv6, http://[::ffff:7f00:1]/ http://[::ffff:127.0.0.1]/ http://[::127.0.0.1]/",
    "platform of Azure, http://168.63.129.16/ http://[::ffff:168.63.129.16]/ http://[64:ff9b::a83f:8110]/",
    "unknown, https://nowhere.invalid/",
    "other, http://[64:ff9b::7f00:1]/ http://169.254.169.254/latest/meta-data http://0.0.0.0:80/",
    "scheme, ftp://8.8.8.8/ file:///etc/passwd gopher://8.8.8.8/ mailto:a@b.c javascript:alert(1)",
    "user info, https://ada@8.8.8.8/ https://ada:secret@8.8.8.8/ https://8.8.8.8@127.0.0.1/"
  })
  void rejectsUrlsThatAreNotAllowed(String reason, String urls) {
    assertThat(urls.split(" "))
        .allSatisfy(url -> assertThat(slug(addresses, url)).isEqualTo(NOT_ALLOWED));
  }

  @ParameterizedTest
  @CsvSource({
    "no URL, '| |no url|http://8.8.8.8/a b'",
    "no scheme, /hook|example.com/hook",
    "no host, http://|http:///hook|http://[::1|http:8.8.8.8",
    "no port, http://8.8.8.8:0/|http://8.8.8.8:70000/"
  })
  void rejectsMalformedUrls(String reason, String urls) {
    assertThat(urls.split("\\|"))
        .allSatisfy(url -> assertThat(slug(addresses, url)).isEqualTo("invalid-request"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://8.8.8.8/hook?a=b", "http://[2606:4700::1111]:8080/"})
  void acceptsPublicHosts(String url) {
    assertThat(slug(addresses, url)).isEqualTo("accepted");
  }

  @Test
  void settingAllowsPrivateAddressesOnly() {
    WebhookAddresses permissive = new WebhookAddresses(true, InetAddress::getAllByName);

    assertThat(slug(permissive, "http://127.0.0.1/")).isEqualTo("accepted");
    assertThat(slug(permissive, "ftp://127.0.0.1/")).isEqualTo(NOT_ALLOWED);
    assertThat(slug(permissive, "http://ada@127.0.0.1/")).isEqualTo(NOT_ALLOWED);
  }

  @Test
  void rejectsHostThatHasBecomePrivate() throws UnknownHostException {
    Deque<String> answers = new ArrayDeque<>(List.of("8.8.8.8", "8.8.8.8", "127.0.0.1"));
    WebhookAddresses rebinding =
        new WebhookAddresses(false, _ -> InetAddress.getAllByName(answers.pop()));

    assertThat(slug(rebinding, "http://rebind.example/")).isEqualTo("accepted");
    assertThat(rebinding.resolve("rebind.example", 1)).isNotNull();
    assertThatThrownBy(() -> rebinding.resolve("rebind.example", 1))
        .hasMessage("rebind.example does not resolve to allowed addresses");
  }

  @Test
  void connectsToNoUnusualLiteral() {
    WebhookAddresses permissive =
        new WebhookAddresses(true, _ -> InetAddress.getAllByName("8.8.8.8"));

    assertThatThrownBy(() -> permissive.resolve("134744072", 1))
        .hasMessage("134744072 does not resolve to allowed addresses");
  }

  @Test
  void hidesWhetherAHostIsInternalOrUnknown() {
    WebhookAddresses internal =
        new WebhookAddresses(false, _ -> InetAddress.getAllByName("10.0.0.1"));
    WebhookAddresses unknown =
        new WebhookAddresses(
            false,
            _ -> {
              throw new UnknownHostException("unknown");
            });

    assertThat(internal.problemWithHost("http://db.example/", "ada"))
        .isPresent()
        .isEqualTo(unknown.problemWithHost("http://db.example/", "ada"));
    assertThat(List.of(internal, unknown))
        .allSatisfy(addresses ->
            assertThatThrownBy(() -> addresses.resolve("db.example", 1))
                .hasMessage("db.example does not resolve to allowed addresses"));
  }

  @Test
  void rejectsHostWithOnePrivateAddress() throws UnknownHostException {
    InetAddress[] both = {InetAddress.getByName("8.8.8.8"), InetAddress.getByName("10.0.0.1")};

    assertThat(slug(new WebhookAddresses(false, _ -> both), "http://mixed.example/"))
        .isEqualTo(NOT_ALLOWED);
  }

  /** A DNS server that answers for one host; all other lookups hang until it is closed. */
  private static final class SilentDns implements HostLookups.Lookup, AutoCloseable {

    final List<String> lookups = new CopyOnWriteArrayList<>();
    final WebhookAddresses addresses = new WebhookAddresses(false, this);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch end = new CountDownLatch(1);

    @Override
    public InetAddress[] addresses(String host) throws UnknownHostException {
      lookups.add(host);
      if (host.equals("healthy.example")) {
        return InetAddress.getAllByName("8.8.8.8");
      }
      try {
        end.await();
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
      throw new UnknownHostException();
    }

    void startHangingLookups(int count) {
      for (int i = 0; i < count; i++) {
        String host = "silent-" + i + ".example";
        threads.submit(() -> addresses.resolve(host, 1));
      }
      await().until(() -> lookups.size() == count);
    }

    /** Starts checks of new endpoints, each of an owner of its own. */
    void startHangingChecks(int count) {
      for (int i = 0; i < count; i++) {
        int owner = i;
        threads.submit(() -> addresses.problemWithHost(silentUrl(owner), "owner-" + owner));
      }
      await().until(() -> lookups.size() == count);
    }

    static String silentUrl(int number) {
      return "https://silent-" + number + ".example/";
    }

    void end() {
      end.countDown();
    }

    @Override
    public void close() {
      end.countDown();
      threads.close();
      addresses.close();
    }
  }

  @Test
  void hangingLookupTimesOutAndRunsOnce() {
    try (SilentDns dns = new SilentDns()) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> dns.addresses.resolve("slow.example", 1))
            .hasMessage("slow.example was not resolved in time");
      }
      assertThat(dns.lookups).containsExactly("slow.example");
    }
  }

  @Test
  void lookupsAreNotCached() throws UnknownHostException {
    try (SilentDns dns = new SilentDns()) {
      dns.addresses.resolve("healthy.example", 1);
      dns.addresses.resolve("healthy.example", 1);

      assertThat(dns.lookups).hasSize(2);
    }
  }

  @Test
  void hangingLookupsDelayNoOtherUpToALimit() throws UnknownHostException {
    try (SilentDns dns = new SilentDns()) {
      dns.startHangingLookups(40);
      assertThat(dns.addresses.resolve("healthy.example", 1)).isNotNull();
    }
    try (SilentDns dns = new SilentDns()) {
      dns.startHangingLookups(500);
      assertThatThrownBy(() -> dns.addresses.resolve("healthy.example", 1))
          .isInstanceOf(HostLookups.TooManyLookupsException.class);
    }
  }

  /** They count until they end, not only until their requests are answered. */
  @Test
  void anOwnerHasTwoChecksAtOnce() {
    try (SilentDns dns = new SilentDns()) {
      for (int i = 0; i < 2; i++) {
        String url = SilentDns.silentUrl(i);
        assertThatThrownBy(() -> slug(dns.addresses, url)).isInstanceOf(BusyException.class);
      }
      assertThat(slug(dns.addresses, "https://healthy.example/")).isEqualTo("too-many-requests");
      assertThat(dns.lookups).hasSize(2);
      assertThat(dns.addresses.problemWithHost("https://healthy.example/", "bob")).isEmpty();

      dns.end();
      await().until(() -> slug(dns.addresses, "https://healthy.example/").equals("accepted"));
    }
  }

  @Test
  void hangingChecksDelayNoDelivery() throws UnknownHostException {
    try (SilentDns dns = new SilentDns()) {
      dns.startHangingChecks(50);

      assertThatThrownBy(() -> dns.addresses.problemWithHost("https://healthy.example/", "ada"))
          .isInstanceOf(BusyException.class);
      assertThat(dns.addresses.resolve("healthy.example", 1)).isNotNull();
    }
  }
}
