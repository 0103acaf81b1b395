package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.http.Caller;
import dev.evenkeel.problems.BusyException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.support.StaticApplicationContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter.DataWithMediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.thymeleaf.spring6.SpringTemplateEngine;

/** Which updates open pages get, and when their streams end. */
class LiveStreamsTests {

  private static final Instant EXPIRY = Instant.parse("2100-01-01T00:00:00Z");
  private static final LivePage PAGE = new LivePage("page", List.of("left", "right"), Map::of);

  private final Map<String, String> html =
      new ConcurrentHashMap<>(Map.of("left", "l0", "right", "r0"));
  private final AtomicBoolean unreadable = new AtomicBoolean();
  private final AtomicInteger renderings = new AtomicInteger();
  private final Queue<Long> renderedAt = new ConcurrentLinkedQueue<>();
  private volatile Duration cost = Duration.ZERO;

  /** The time as the stream sees it: it passes while a page is rendered. */
  private final AtomicLong nanos = new AtomicLong();

  /** Renders what the test says. */
  private final PartRenderer renderer =
      new PartRenderer(new SpringTemplateEngine(), new StaticApplicationContext()) {
        @Override
        Map<String, String> render(LivePage page) {
          renderedAt.add(System.nanoTime());
          nanos.addAndGet(cost.toNanos());
          renderings.incrementAndGet();
          if (unreadable.get()) {
            throw new IllegalStateException("unreadable");
          }
          return new LinkedHashMap<>(html);
        }
      };

  private final LiveStreams streams = new LiveStreams(renderer, new SimpleMeterRegistry());

  /** Names of events with their data, such as {@code left=l0}. */
  private final Queue<String> sent = new ConcurrentLinkedQueue<>();

  private final AtomicBoolean loggedIn = new AtomicBoolean(true);
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicBoolean gone = new AtomicBoolean();
  private final AtomicBoolean completed = new AtomicBoolean();

  private final SseEmitter emitter =
      new SseEmitter() {
        @Override
        public void send(Set<DataWithMediaType> items) throws IOException {
          if (gone.get()) {
            throw new IOException("expected by the test");
          }
          StringBuilder text = new StringBuilder();
          items.forEach(it -> text.append(it.getData()));
          text.toString()
              .lines()
              .filter(line -> line.startsWith("event:") || line.startsWith("data:"))
              .forEach(sent::add);
        }

        @Override
        public void send(SseEventBuilder builder) {
          // The time after which a browser comes back
        }

        @Override
        public void complete() {
          completed.set(true);
        }
      };

  private final LiveStream stream =
      new LiveStream(PAGE, renderer, emitter, "ada", loggedIn::get, nanos::get);

  private void start() {
    stream.start(() -> ended.set(true));
  }

  @AfterEach
  void end() {
    loggedIn.set(false);
    streams.stop();
    renderer.destroy();
  }

  private List<String> sent() {
    return List.copyOf(sent);
  }

  /** What was sent of the page's parts. */
  private List<String> parts() {
    return sent().stream().filter(it -> it.matches("(event:(left|right))|data:.+")).toList();
  }

  private void awaitRenderings(int more) {
    int before = renderings.get();
    await().until(() -> renderings.get() >= before + more);
  }

  @Test
  void sendsAllPartsThenThoseThatChanged() {
    start();
    await().until(() -> parts().size() == 4);
    assertThat(parts())
        .containsExactlyInAnyOrder("event:left", "data:l0", "event:right", "data:r0");
    sent.clear();
    awaitRenderings(2);
    assertThat(parts()).as("nothing has changed").isEmpty();

    html.put("right", "r1");

    await().until(() -> !parts().isEmpty());
    awaitRenderings(1);
    assertThat(parts()).containsExactly("event:right", "data:r1");
  }

  /** The time between two renderings, as it really passed. */
  private Duration awaitPause() {
    awaitRenderings(2);
    List<Long> last = List.copyOf(renderedAt);
    return Duration.ofNanos(last.getLast() - last.get(last.size() - 2));
  }

  @Test
  void updatesAtMostTwiceASecond() {
    start();

    assertThat(awaitPause()).isGreaterThanOrEqualTo(Duration.ofMillis(500));
  }

  @Test
  void updatesAnExpensivePageLessOften() {
    cost = Duration.ofMillis(400);
    start();

    assertThat(awaitPause()).isGreaterThanOrEqualTo(cost.multipliedBy(3));
  }

  @Test
  void saysThatItIsStaleAndGoesOn() {
    start();
    await().until(() -> parts().size() == 4);
    unreadable.set(true);

    await().until(() -> sent().contains("event:stale"));
    html.put("left", "l1");
    sent.clear();
    unreadable.set(false);

    await().until(() -> sent().contains("data:l1"));
    assertThat(sent()).as("the page is current again").contains("event:beat");
  }

  @Test
  void saysThatAQuietPageIsCurrent() {
    start();
    await().until(() -> parts().size() == 4);
    sent.clear();

    awaitRenderings(2);
    assertThat(sent()).isEmpty();
    nanos.addAndGet(LiveStream.BEAT.toNanos() + 1);

    await().until(() -> sent().contains("event:beat"));
  }

  @Test
  void endsWithTheLogin() {
    start();
    awaitRenderings(1);

    loggedIn.set(false);

    await().untilTrue(ended);
    assertThat(completed).isTrue();
  }

  /** The web server ends its request, and does not allow that another thread does. */
  @Test
  void onlyForgetsAPageThatIsGone() {
    gone.set(true);

    start();

    await().untilTrue(ended);
    assertThat(completed).isFalse();
  }

  private MockHttpSession open(String person) {
    return open(person, Set.of());
  }

  private MockHttpSession open(String person, Set<String> scopes) {
    MockHttpServletRequest request = loggedIn(person);
    streams.open(PAGE, new Caller(person, scopes, EXPIRY), request, new MockHttpServletResponse());
    return (MockHttpSession) Objects.requireNonNull(request.getSession(false));
  }

  private static MockHttpServletRequest loggedIn(String person) {
    MockHttpServletRequest request = new MockHttpServletRequest();
    Jwt token =
        Jwt.withTokenValue("t").header("alg", "none").subject(person).expiresAt(EXPIRY).build();
    var holder = new LoginSession.TokenHolder(new JwtAuthenticationToken(token, List.of()));
    new LoginSession(Instant::now)
        .saveContext(
            new SecurityContextImpl(new OAuth2AuthenticationToken(holder, List.of(), "console")),
            request,
            new MockHttpServletResponse());
    return request;
  }

  @Test
  void endsWithTheTokenOfTheCaller() {
    streams.start();
    Caller ada = new Caller("ada", Set.of(), Instant.now().plusSeconds(60));

    SseEmitter opened = streams.open(PAGE, ada, loggedIn("ada"), new MockHttpServletResponse());

    assertThat(opened.getTimeout()).isBetween(1L, 60_000L);
  }

  @Test
  void forgetsAStreamWhoseSessionHasEnded() {
    streams.start();
    MockHttpSession session = open("ada");
    open("bob");
    assertThat(streams.count()).isEqualTo(2);

    session.invalidate();

    await().until(() -> streams.count() == 1);
  }

  @Test
  void limitsTheStreamsOfAPersonAndOfAll() {
    streams.start();
    for (int i = 0; i < 80; i++) {
      open("person-" + i / 20);
      if (i == 19) {
        assertThatThrownBy(() -> open("person-0")).isInstanceOf(BusyException.class);
      }
    }
    assertThatThrownBy(() -> open("somebody-new")).isInstanceOf(BusyException.class);

    for (int i = 0; i < 20; i++) {
      open("olga", Set.of("operations"));
    }

    assertThatThrownBy(() -> open("olaf", Set.of("operations"))).isInstanceOf(BusyException.class);
    assertThat(streams.count()).isEqualTo(100);
  }

  @Test
  void endsAllAtShutdown() {
    streams.start();
    open("ada");
    open("bob");

    streams.stop();

    assertThat(streams.count()).isZero();
    open("ada");
    assertThat(streams.count()).as("none opens after that").isZero();
  }
}
