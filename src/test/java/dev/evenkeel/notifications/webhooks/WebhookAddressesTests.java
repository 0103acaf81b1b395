package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

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
import org.junit.jupiter.params.provider.ValueSource;

/** The URLs and addresses that webhooks may be sent to. */
class WebhookAddressesTests {

  final WebhookAddresses addresses = new WebhookAddresses(false, InetAddress::getAllByName);

  private static String slug(WebhookAddresses addresses, String url) {
    return addresses.problemWith(url).map(problem -> problem.type().slug()).orElse("none");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1/",
        "http://2130706433/",
        "https://localhost:8443/hook",
        "http://10.1.2.3",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[2002:a00:1::]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0:8080/",
        "HTTP://LOCALHOST/",
        // other schemes, or user info
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "gopher://8.8.8.8/",
        "mailto:ada@example.com",
        "javascript:alert(1)",
        "https://ada@8.8.8.8/",
        "https://ada:secret@8.8.8.8/",
        "https://8.8.8.8@127.0.0.1/"
      })
  void rejectsPrivateAndUnsupportedUrls(String url) {
    assertThat(slug(addresses, url)).isEqualTo("address-not-allowed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "no url",
        "/hook",
        "example.com/hook",
        "http://",
        "http:///hook",
        "http://127.1/",
        "http://[::1",
        "http://8.8.8.8:0/",
        "http://8.8.8.8:70000/",
        "http://8.8.8.8/a b",
        "http:8.8.8.8"
      })
  void rejectsMalformedUrls(String url) {
    assertThat(slug(addresses, url)).isEqualTo("invalid-request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://8.8.8.8/hook?a=b",
        "http://[2606:4700::1111]:8080/",
        "https://nowhere.invalid/"
      })
  void acceptsPublicAndUnresolvedHosts(String url) {
    assertThat(slug(addresses, url)).isEqualTo("none");
  }

  @Test
  void settingAllowsPrivateAddresses() {
    WebhookAddresses permissive = new WebhookAddresses(true, InetAddress::getAllByName);

    assertThat(slug(permissive, "http://127.0.0.1/")).isEqualTo("none");
    assertThat(slug(permissive, "ftp://127.0.0.1/")).isEqualTo("address-not-allowed");
    assertThat(slug(permissive, "http://ada@127.0.0.1/")).isEqualTo("address-not-allowed");
  }

  @Test
  void rejectsHostThatHasBecomePrivate() throws UnknownHostException {
    Deque<String> answers = new ArrayDeque<>(List.of("8.8.8.8", "8.8.8.8", "127.0.0.1"));
    WebhookAddresses rebinding =
        new WebhookAddresses(false, _ -> InetAddress.getAllByName(answers.pop()));

    assertThat(slug(rebinding, "http://rebind.example/")).isEqualTo("none");
    assertThat(rebinding.resolve("rebind.example")).hasSize(1);
    assertThatThrownBy(() -> rebinding.resolve("rebind.example"))
        .isInstanceOf(WebhookAddresses.NotAllowedException.class);
  }

  @Test
  void rejectsHostWithOnePrivateAddress() throws UnknownHostException {
    InetAddress[] both = {InetAddress.getByName("8.8.8.8"), InetAddress.getByName("10.0.0.1")};
    WebhookAddresses mixed = new WebhookAddresses(false, _ -> both);

    assertThat(slug(mixed, "http://mixed.example/")).isEqualTo("address-not-allowed");
  }

  /** A DNS server that answers for one host; all other lookups hang until it is closed. */
  private static final class SilentDns implements WebhookAddresses.Lookup, AutoCloseable {

    final List<String> lookups = new CopyOnWriteArrayList<>();
    final WebhookAddresses addresses = new WebhookAddresses(false, this);
    final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch end = new CountDownLatch(1);

    @Override
    public InetAddress[] addresses(String host) throws UnknownHostException {
      lookups.add(host);
      if (!host.equals("healthy.example")) {
        try {
          end.await();
        } catch (InterruptedException closed) {
          Thread.currentThread().interrupt();
        }
        throw new UnknownHostException();
      }
      return InetAddress.getAllByName("8.8.8.8");
    }

    void startHangingLookups(int count) {
      for (int i = 0; i < count; i++) {
        String host = "silent-" + i + ".example";
        threads.submit(() -> addresses.resolve(host));
      }
      await().until(() -> lookups.size() == count);
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
        assertThatThrownBy(() -> dns.addresses.resolve("slow.example"))
            .hasMessage("slow.example was not resolved in time");
      }
      assertThat(dns.lookups).containsExactly("slow.example");
    }
  }

  @Test
  void finishedLookupIsNotCached() throws UnknownHostException {
    try (SilentDns dns = new SilentDns()) {
      dns.addresses.resolve("healthy.example");
      dns.addresses.resolve("healthy.example");

      assertThat(dns.lookups).hasSize(2);
    }
  }

  @Test
  void hangingLookupsDelayNoOther() throws UnknownHostException {
    try (SilentDns dns = new SilentDns()) {
      dns.startHangingLookups(40);

      assertThat(dns.addresses.resolve("healthy.example")).hasSize(1);
    }
  }

  @Test
  void rejectsTooManyLookups() {
    try (SilentDns dns = new SilentDns()) {
      dns.startHangingLookups(500);

      assertThatThrownBy(() -> dns.addresses.resolve("healthy.example"))
          .isInstanceOf(WebhookAddresses.TooManyLookupsException.class);
    }
  }
}
