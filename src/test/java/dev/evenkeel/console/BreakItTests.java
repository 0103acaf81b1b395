package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.evenkeel.console.breakit.Loads;
import dev.evenkeel.console.breakit.Sampler;
import dev.paymentprovider.PaymentProvider;
import dev.testing.Simulator;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;

/** The page on which people break and heal the provider. */
// An application of its own: other tests make the provider contradict their payments
@TestPropertySource(properties = "spring.main.banner-mode=off")
class BreakItTests extends PageTest {

  private static final String PAGE = "/console/break-it";

  /** What is measured is a few seconds old. */
  private static final Duration MEASURED = Duration.ofSeconds(30);

  private static final Duration CONVERGED = Duration.ofMinutes(2);

  @Autowired PaymentProvider provider;
  @Autowired Loads loads;
  @Autowired JdbcClient jdbc;
  @Autowired Sampler sampler;

  @Autowired
  @Qualifier("backgroundConnections") HikariDataSource background;

  private Simulator simulator;

  @BeforeEach
  void logIn() {
    simulator = new Simulator(provider);
    browser.login(owner);
  }

  /** By the page, which then shows no fault of this test to the next one. */
  @AfterEach
  void heal() {
    post("fault", "mode=none");
    post("load", "rate=0");
  }

  private String page() {
    return browser.get(PAGE).body();
  }

  private HttpResponse<String> post(String path, String form) {
    String token = Browser.csrf(browser.get(PAGE));
    return browser.post(PAGE + "/" + path, form + "&_csrf=" + token);
  }

  private static void eventually(Duration within, Executable holds) {
    await().atMost(within).untilAsserted(holds::execute);
  }

  private static String pressed(String mode) {
    return "value=\"%s\" aria-pressed=\"true\"".formatted(mode);
  }

  @Test
  void isTheFirstPage() {
    assertThat(Browser.location(browser.get("/console"))).endsWith(PAGE);
    assertThat(page()).contains("aria-current=\"page\">Break it");
  }

  @Test
  void switchesFaultsOnAndOff() {
    HttpResponse<String> answer = post("fault", "mode=down");

    assertThat(answer.statusCode()).isEqualTo(303);
    assertThat(Browser.location(answer)).endsWith(PAGE);
    assertThat(simulator.fault()).isEqualTo("down");
    eventually(MEASURED, () -> assertThat(page()).contains(pressed("down")));
    post("fault", "mode=none");
    assertThat(simulator.fault()).isEqualTo("none");
  }

  @Test
  void showsAFaultThatWasSetElsewhere() {
    simulator.misbehave("slow");

    eventually(MEASURED, () -> assertThat(page()).contains(pressed("slow")));
  }

  @Test
  void rejectsUnknownFaultsAndForeignForms() {
    assertThat(post("fault", "mode=explode").statusCode()).isEqualTo(400);
    assertThat(browser.post(PAGE + "/fault", "mode=down").statusCode()).isEqualTo(403);
    assertThat(simulator.fault()).isEqualTo("none");
  }

  @Test
  void saysHowToKillItAndStartItAgain() {
    assertThat(page())
        .contains(">kill -9 " + ProcessHandle.current().pid() + "<", ">./mvnw spring-boot:run<");
  }

  @Test
  void needsTheScopeOfPayments() {
    Browser stranger = new Browser(port).login("noscope-" + UUID.randomUUID());

    assertThat(stranger.get(PAGE).statusCode()).isEqualTo(403);
    assertThat(Browser.location(stranger.get("/console"))).endsWith("/console/accounts");
  }

  @Test
  void makesALoadOnAnAccountOfItsOwn() {
    post("load", "rate=5");

    eventually(MEASURED, () -> assertThat(page()).contains("href=\"/console/payments/"));
    assertThat(api.get("/v1/accounts").body().at("/data"))
        .hasSize(1)
        .allSatisfy(it -> assertThat(it.at("/name").asString()).isEqualTo("Load of the console"));
    assertThat(page()).contains("data-rate=\"5\"");

    post("load", "rate=0");

    assertThat(page()).contains("data-rate=\"0\"");
  }

  @Test
  void limitsTheLoad() {
    assertThat(post("load", "rate=51").statusCode()).isEqualTo(400);
    assertThat(post("load", "rate=-1").statusCode()).isEqualTo(400);
    assertThat(page()).contains("data-rate=\"0\"");
  }

  @Test
  void needsTheScopeOfAccountsForALoad() {
    Browser payer = new Browser(port).login("payer-" + UUID.randomUUID());
    String token = Browser.csrf(payer.get(PAGE));

    assertThat(payer.post(PAGE + "/load", "rate=1&_csrf=" + token).statusCode()).isEqualTo(403);
  }

  @Test
  void limitsTheLoadsThatRun() {
    List<String> people = IntStream.range(0, 20).mapToObj(i -> owner + "-" + i).toList();
    try {
      people.forEach(it -> loads.set(it, 1));

      assertThatThrownBy(() -> loads.set(owner, 1)).hasMessageContaining("Too many loads");
      loads.set(people.getFirst(), 2);
      loads.set(people.getLast(), 0);
      loads.set(owner, 1);
    } finally {
      people.forEach(it -> loads.set(it, 0));
    }
  }

  @Test
  void endsALoadThatIsChanged() {
    post("load", "rate=50");
    post("load", "rate=1");
    eventually(MEASURED, () -> assertThat(paid()).isPositive());

    post("load", "rate=0");

    AtomicLong before = new AtomicLong();
    await()
        .atMost(MEASURED)
        .during(Duration.ofSeconds(1))
        .until(() -> {
          long now = paid();
          return now == before.getAndSet(now);
        });
  }

  @Test
  void paysIntoAnotherAccountWhenItsOwnIsFrozen() {
    post("load", "rate=5");
    eventually(MEASURED, () -> assertThat(paidInto()).hasSize(1));
    assertThat(api.post("/v1/accounts/" + paidInto().getFirst() + "/freeze").status())
        .isEqualTo(200);

    post("load", "rate=5");

    eventually(MEASURED, () -> assertThat(paidInto()).hasSize(2));
  }

  private List<@Nullable UUID> paidInto() {
    return jdbc.sql(
            "select distinct account from payments.payment where owner = ? and status <> 'REFUSED'")
        .param(owner)
        .query(UUID.class)
        .list();
  }

  private long paid() {
    return jdbc.sql("select count(*) from payments.payment where owner = ?")
        .param(owner)
        .query(Long.class)
        .single();
  }

  /** People wait for the page: it uses what is left for requests, and takes nothing from others. */
  @Test
  void needsNoConnectionOfBackgroundWork() throws SQLException {
    List<Connection> taken = new ArrayList<>();
    try {
      while (taken.size() < background.getMaximumPoolSize()) {
        taken.add(background.getConnection());
      }
      Instant since = Instant.now();

      try (Stream<String> lines = browser.open(PAGE + "/live").body()) {
        assertThat(lines.filter(line -> line.startsWith("event:")).findFirst())
            .hasValueSatisfying(first -> assertThat(first).isNotEqualTo("event:stale"));
      }
      eventually(
          MEASURED,
          () ->
              assertThat(sampler.latest())
                  .matches(it -> it.at().isAfter(since) && it.read() != null, "is measured"));
      post("load", "rate=5");
      eventually(MEASURED, () -> assertThat(page()).contains("href=\"/console/payments/"));
    } finally {
      for (Connection connection : taken) {
        connection.close();
      }
    }
  }

  /** The whole tour, and what it would show if a promise was broken. */
  @Test
  void leadsThroughTheTour() {
    post("fault", "mode=none");
    assertThat(page()).contains("id=\"tour-start\"").doesNotContain("Broken: ");
    assertThat(step("now")).contains("aria-current=\"step\"", "Start a load", "▸ now");
    post("load", "rate=5");
    eventually(MEASURED, () -> assertThat(page()).contains("id=\"tour-hang\""));
    post("fault", "mode=hang");
    eventually(CONVERGED, () -> assertThat(page()).contains("id=\"tour-heal\""));
    assertThat(page()).doesNotContain("state bad\">broken", "All promises kept");
    post("load", "rate=0");
    post("fault", "mode=none");
    eventually(CONVERGED, () -> assertThat(page()).contains("All promises kept"));
    post("tour", "");
    assertThat(page()).contains("id=\"tour-start\"");

    // Somebody has used our credentials elsewhere
    simulator.order(
        "/charges",
        Map.of(
            "reference",
            UUID.randomUUID(),
            "amount",
            1250,
            "currency",
            "EUR",
            "instrument",
            "tok_ok"));

    eventually(CONVERGED, () -> assertThat(page()).contains("state bad\">broken"));
    assertThat(page()).contains("Broken: Provider agrees with us.");
  }

  /** The first step of the tour that is in this state. */
  private String step(String state) {
    Matcher step =
        Pattern.compile("<li class=\"" + state + "\".*?</li>", Pattern.DOTALL).matcher(page());
    assertThat(step.find()).isTrue();
    return step.group();
  }
}
