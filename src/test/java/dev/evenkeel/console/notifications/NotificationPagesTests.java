package dev.evenkeel.console.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.console.Browser;
import dev.evenkeel.console.PageTest;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A person reads their own notifications, live and page by page. */
class NotificationPagesTests extends PageTest {

  private static final String PAGE = "/console/notifications";

  /** The lines of an open stream, as they come. */
  private static final class Live implements AutoCloseable {

    final HttpResponse<Stream<String>> response;
    final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
    final AtomicBoolean ended = new AtomicBoolean();

    Live(Browser browser) {
      response = browser.open(PAGE + "/live");
      Thread.ofVirtual()
          .start(() -> {
            try {
              response.body().forEach(lines::add);
            } catch (UncheckedIOException cut) {
              lines.add("cut: " + cut);
            }
            ended.set(true);
          });
    }

    boolean shows(String text) {
      return lines.stream().anyMatch(line -> line.contains(text));
    }

    @Override
    public void close() {
      response.body().close();
    }
  }

  private UUID paidIn(long amount) {
    UUID account = api.openAccount(0);
    UUID payment = api.payIn(account, amount, "tok_ok").id();
    await().until(() -> !api.get("/v1/notifications").body().at("/data").isEmpty());
    return payment;
  }

  @Test
  void showsOnesOwnWithTheirSubjects() {
    UUID payment = paidIn(1250);
    browser.login(owner);

    assertThat(browser.get(PAGE).body())
        .contains("€12.50", "unread", "/console/payments/" + payment);
    assertThat(new Browser(port).login("bob-" + UUID.randomUUID()).get(PAGE).body())
        .contains("There are no notifications yet")
        .doesNotContain("€12.50");
  }

  @Test
  void marksAsRead() {
    paidIn(1250);
    String id = api.get("/v1/notifications").at("/data/0/id");
    HttpResponse<String> page = browser.login(owner).get(PAGE);
    assertThat(page.body()).contains("form=\"read\" name=\"id\" value=\"" + id + "\"");

    HttpResponse<String> read = browser.follow(browser.submit(page, "id=" + id));

    assertThat(read.body())
        .containsPattern("role=\"status\">Marked as read")
        .doesNotContain("unread");
    assertThat(api.get("/v1/notifications").body().at("/data/0").has("readAt")).isTrue();
  }

  @Test
  void hidesThoseOfOthers() {
    paidIn(1250);
    String id = api.get("/v1/notifications").at("/data/0/id");
    Browser bob = new Browser(port).login("bob-" + UUID.randomUUID());

    assertThat(bob.submit(bob.get(PAGE), "id=" + id).statusCode()).isEqualTo(404);

    assertThat(api.get("/v1/notifications").body().at("/data/0").has("readAt")).isFalse();
  }

  @Test
  void showsThemPageByPage() {
    UUID account = api.openAccount(0);
    for (int i = 0; i < 21; i++) {
      api.payIn(account, 100 + i, "tok_ok");
    }
    await()
        .until(
            () -> api.get("/v1/notifications?limit=50").body().at("/data").size(), it -> it == 21);
    browser.login(owner);

    assertThat(browser.get(PAGE).body()).contains("before=2", "sse-connect");
    assertThat(browser.get(PAGE + "?before=2").body())
        .contains("€1.00")
        .doesNotContain("€1.01", "sse-connect");
  }

  @Test
  void followsWhatComes() {
    browser.login(owner);

    try (Live live = new Live(browser)) {
      await().until(() -> live.shows("There are no notifications yet"));
      paidIn(1250);

      await().until(() -> live.shows("€12.50"));
      assertThat(live.lines).contains("event:feed").noneMatch(line -> line.contains("_csrf"));
    }
  }

  @Test
  void endsTheStreamWithTheLogin() {
    HttpResponse<String> page = browser.login(owner).get(PAGE);

    try (Live live = new Live(browser)) {
      await().until(() -> live.shows("feed"));
      browser.post("/console/logout", "_csrf=" + Browser.csrf(page));

      await().untilTrue(live.ended);
      assertThat(live.lines).noneMatch(line -> line.startsWith("cut"));
      assertThat(browser.open(PAGE + "/live").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void refusesTooManyStreamsOfOnePerson() {
    browser.login(owner);
    List<Live> open = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        open.add(new Live(browser));
      }
      assertThat(open).allMatch(live -> live.response.statusCode() == 200);
      assertThat(browser.open(PAGE + "/live").statusCode()).isEqualTo(503);
    } finally {
      open.forEach(Live::close);
    }
  }

  @Test
  void needsItsScope() {
    Browser limited = new Browser(port).login("noscope-" + UUID.randomUUID());

    assertThat(limited.get(PAGE).statusCode()).isEqualTo(403);
    assertThat(limited.open(PAGE + "/live").statusCode()).isEqualTo(403);
  }
}
