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

/** Where notifications may be sent to. */
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
        // not http, or with user info
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "gopher://8.8.8.8/",
        "mailto:ada@example.com",
        "javascript:alert(1)",
        "https://ada@8.8.8.8/",
        "https://ada:secret@8.8.8.8/",
        "https://8.8.8.8@127.0.0.1/"
      })
  void whatIsNotAllowedIsRefused(String url) {
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
  void whatIsNoUrlIsInvalid(String url) {
    assertThat(slug(addresses, url)).isEqualTo("invalid-request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://8.8.8.8/hook?a=b",
        "http://[2606:4700::1111]:8080/",
        "https://nowhere.invalid/"
      })
  void whatIsPublicOrUnknownYetIsTaken(String url) {
    assertThat(slug(addresses, url)).isEqualTo("none");
  }

  @Test
  void whereAnythingIsAllowedOnlyTheFormCounts() {
    WebhookAddresses lenient = new WebhookAddresses(true, InetAddress::getAllByName);

    assertThat(slug(lenient, "http://127.0.0.1/")).isEqualTo("none");
    assertThat(slug(lenient, "ftp://127.0.0.1/")).isEqualTo("address-not-allowed");
    assertThat(slug(lenient, "http://ada@127.0.0.1/")).isEqualTo("address-not-allowed");
  }

  @Test
  void aNameThatBecomesAPrivateAddressIsNotConnectedTo() throws UnknownHostException {
    Deque<String> answers = new ArrayDeque<>(List.of("8.8.8.8", "8.8.8.8", "127.0.0.1"));
    WebhookAddresses rebinding =
        new WebhookAddresses(false, _ -> InetAddress.getAllByName(answers.pop()));

    assertThat(slug(rebinding, "http://rebind.example/")).isEqualTo("none");
    assertThat(rebinding.resolve("rebind.example")).hasSize(1);
    assertThatThrownBy(() -> rebinding.resolve("rebind.example"))
        .isInstanceOf(WebhookAddresses.NotAllowedException.class);
  }

  @Test
  void oneAddressOfManyThatIsPrivateIsEnough() throws UnknownHostException {
    InetAddress[] both = {InetAddress.getByName("8.8.8.8"), InetAddress.getByName("10.0.0.1")};
    WebhookAddresses mixed = new WebhookAddresses(false, _ -> both);

    assertThat(slug(mixed, "http://mixed.example/")).isEqualTo("address-not-allowed");
  }

  /** Its look-ups hang until it is closed, but those of one host. */
  private static final class Silent implements WebhookAddresses.Lookup, AutoCloseable {

    final List<String> asked = new CopyOnWriteArrayList<>();
    final WebhookAddresses addresses = new WebhookAddresses(false, this);
    final ExecutorService waiting = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch end = new CountDownLatch(1);

    @Override
    public InetAddress[] addresses(String host) throws UnknownHostException {
      asked.add(host);
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

    void lookUpOthers(int count) {
      for (int i = 0; i < count; i++) {
        String host = "silent-" + i + ".example";
        waiting.submit(() -> addresses.resolve(host));
      }
      await().until(() -> asked.size() == count);
    }

    @Override
    public void close() {
      end.countDown();
      waiting.close();
      addresses.close();
    }
  }

  @Test
  void aLookUpThatHangsEndsAndIsNotBegunAgain() {
    try (Silent silent = new Silent()) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> silent.addresses.resolve("slow.example"))
            .hasMessage("slow.example was not resolved in time");
      }
      assertThat(silent.asked).containsExactly("slow.example");
    }
  }

  @Test
  void aHostIsLookedUpAgainOnceItsLookUpEnded() throws UnknownHostException {
    try (Silent silent = new Silent()) {
      silent.addresses.resolve("healthy.example");
      silent.addresses.resolve("healthy.example");

      assertThat(silent.asked).hasSize(2);
    }
  }

  @Test
  void lookUpsThatHangHinderNoOther() throws UnknownHostException {
    try (Silent silent = new Silent()) {
      silent.lookUpOthers(40);

      assertThat(silent.addresses.resolve("healthy.example")).hasSize(1);
    }
  }

  @Test
  void whatFindsNoThreadIsSaidNotToHaveBeenLookedUp() {
    try (Silent silent = new Silent()) {
      silent.lookUpOthers(500);

      assertThatThrownBy(() -> silent.addresses.resolve("healthy.example"))
          .isInstanceOf(WebhookAddresses.TooManyLookupsException.class);
    }
  }
}
