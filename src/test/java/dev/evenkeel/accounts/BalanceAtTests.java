package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Balances, current and past. */
@WholeApplication
class BalanceAtTests {

  @LocalServerPort int port;
  @Autowired Statements statements;

  Api ada;
  UUID main;
  UUID savings;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    main = ada.openAccount(1000);
    savings = ada.openAccount(0);
  }

  @Test
  void answersTheCurrentBalance() {
    ada.transfer(main, savings, 300);
    ada.hold(main, savings, 50);

    Api.Answer now = ada.get("/v1/accounts/" + main + "/balance");

    assertThat(now.status()).isEqualTo(200);
    assertThat(now.body().propertyNames())
        .containsExactlyInAnyOrder("posted", "held", "available", "at");
    assertThat(figures(now)).containsExactly(-300L, 50L, 650L);
    assertThat(now.at("/at")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
    assertThat(figures(at(main, Instant.parse(now.at("/at"))))).containsExactly(-300L, 50L, 650L);
  }

  @Test
  void answersTheBalanceOverTime() {
    ada.transfer(main, savings, 300);
    ada.transfer(savings, main, 100);
    AccountId account = new AccountId(main);

    List<Statements.Moment> moments = statements.moments(account, Duration.ofDays(30), 60);

    assertThat(moments).hasSize(61);
    assertThat(moments.getFirst().posted()).isZero();
    assertThat(moments.getFirst().at())
        .as("the account is younger")
        .isAfter(Instant.now().minus(Duration.ofDays(1)));
    assertThat(moments.getLast().posted()).isEqualTo(-200);
    assertThat(moments)
        .allSatisfy(moment ->
            assertThat(statements.balance(account, moment.at()))
                .hasValueSatisfying(then -> assertThat(then.posted()).isEqualTo(moment.posted())));
  }

  @Test
  void beginsALineNoEarlierThanAsked() {
    List<Statements.Moment> moments = statements.moments(new AccountId(main), Duration.ZERO, 2);

    assertThat(moments).extracting(Statements.Moment::at).containsOnly(moments.getLast().at());
  }

  @Test
  void isZeroBeforeTheAccountExisted() {
    Instant created = created(main);

    for (Instant before :
        List.of(
            created.minus(1, ChronoUnit.MICROS),
            Instant.EPOCH,
            Instant.parse("1500-02-28T00:00:00Z"),
            Instant.parse("0000-01-01T00:00:00Z"))) {
      Api.Answer answer = at(main, before);
      assertThat(figures(answer)).containsExactly(0L, 0L, 0L);
      assertThat(Instant.parse(answer.at("/at"))).isEqualTo(before);
    }
    assertThat(figures(at(main, created))).containsExactly(0L, 0L, 1000L);
  }

  @Test
  void acceptsAnyOffset() {
    Instant created = created(main);
    OffsetDateTime there = created.atOffset(ZoneOffset.ofHours(2));

    Api.Answer answer =
        ada.get("/v1/accounts/" + main + "/balance?at=" + there.toString().replace("+", "%2B"));

    assertThat(Instant.parse(answer.at("/at"))).isEqualTo(created);
    assertThat(figures(answer)).containsExactly(0L, 0L, 1000L);
  }

  @Test
  void followsTheEntries() {
    for (long amount : List.of(100L, 250L, 7L)) {
      ada.transfer(main, savings, amount);
      ada.transfer(savings, main, amount / 2);
    }
    long before = 0;
    List<JsonNode> entries =
        new ArrayList<>(
                ada.get("/v1/accounts/" + savings + "/entries")
                    .body()
                    .at("/data")
                    .valueStream()
                    .toList())
            .reversed();
    assertThat(entries).hasSize(6);

    for (JsonNode entry : entries) {
      Instant posted = Instant.parse(entry.path("postedAt").asString());
      long after = entry.path("balanceAfter").longValue();
      assertThat(figures(at(savings, posted.minus(1, ChronoUnit.MICROS))))
          .containsExactly(before, 0L, before);
      assertThat(figures(at(savings, posted))).containsExactly(after, 0L, after);
      before = after;
    }
  }

  @Test
  void followsTheHolds() {
    Api.Answer released = ada.hold(main, savings, 400);
    Instant placed = Instant.parse(released.at("/createdAt"));
    Api.Answer captured = ada.hold(main, savings, 100);
    Instant placedToo = Instant.parse(captured.at("/createdAt"));
    Api.Answer transfer = ada.capture(captured.id(), 60);
    Instant posted = Instant.parse(transfer.at("/postedAt"));
    ada.post("/v1/holds/" + released.id() + "/release");
    Instant now = Instant.parse(ada.get("/v1/accounts/" + main + "/balance").at("/at"));

    assertThat(figures(at(main, placed.minus(1, ChronoUnit.MICROS))))
        .containsExactly(0L, 0L, 1000L);
    assertThat(figures(at(main, placed))).containsExactly(0L, 400L, 600L);
    assertThat(figures(at(main, placedToo))).containsExactly(0L, 500L, 500L);
    assertThat(figures(at(main, posted.minus(1, ChronoUnit.MICROS))))
        .containsExactly(0L, 500L, 500L);
    assertThat(figures(at(main, posted))).containsExactly(-60L, 400L, 540L);
    assertThat(figures(at(main, now))).containsExactly(-60L, 0L, 940L);
  }

  @Test
  void countsExpiredHoldsUntilTheirExpiry() {
    Api.Answer hold =
        ada.post(
            "/v1/holds",
            Map.of("from", main, "to", savings, "amount", 10, "currency", "EUR", "expiresIn", 1));
    await().until(() -> ada.get("/v1/holds/" + hold.id()).at("/status").equals("expired"));

    assertThat(figures(at(main, Instant.parse(hold.at("/createdAt")))))
        .containsExactly(0L, 10L, 990L);
    assertThat(figures(ada.get("/v1/accounts/" + main + "/balance")))
        .containsExactly(0L, 0L, 1000L);
  }

  @Test
  void rejectsTheFuture() {
    for (Instant future :
        List.of(
            Instant.now().plusSeconds(60),
            Instant.parse("2100-01-01T00:00:00Z"),
            Instant.parse("9999-12-31T23:59:59Z"))) {
      Api.Answer answer = at(main, future);
      assertRefused(answer, 400, "invalid-request");
      assertThat(answer.at("/errors/0/field")).isEqualTo("at");
    }
  }

  @Test
  void neverChangesAnAnswer() throws Exception {
    Map<Instant, List<Long>> answers = new LinkedHashMap<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicBoolean enough = new AtomicBoolean();
      List<Future<?>> senders = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        senders.add(
            threads.submit(() -> {
              while (!enough.get()) {
                assertThat(ada.transfer(main, savings, 1).status()).isEqualTo(201);
                UUID hold = ada.hold(savings, main, 1).id();
                assertThat(ada.capture(hold, 1).status()).isEqualTo(201);
              }
            }));
      }
      try {
        for (int i = 0; i < 150; i++) {
          Instant instant = Instant.now().truncatedTo(ChronoUnit.MICROS);
          answers.put(instant, figures(at(savings, instant)));
        }
      } finally {
        enough.set(true);
      }
      for (Future<?> sender : senders) {
        sender.get();
      }
    }

    assertThat(ada.get("/v1/accounts/" + savings).body().at("/sequence").asLong())
        .isGreaterThan(20);
    answers.forEach((instant, figures) ->
        assertThat(figures(at(savings, instant))).as(instant.toString()).isEqualTo(figures));
  }

  private Api.Answer at(UUID account, Instant at) {
    return ada.get("/v1/accounts/" + account + "/balance?at=" + at);
  }

  private Instant created(UUID account) {
    return Instant.parse(ada.get("/v1/accounts/" + account).at("/createdAt"));
  }

  private static List<Long> figures(Api.Answer balance) {
    assertThat(balance.status()).as(balance.toString()).isEqualTo(200);
    return List.of(
        balance.body().at("/posted").longValue(),
        balance.body().at("/held").longValue(),
        balance.body().at("/available").longValue());
  }
}
