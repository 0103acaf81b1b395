package dev.evenkeel.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Many at once, on the same accounts or with the same key. */
@WholeApplication
class ConcurrentTransferTests {

  @LocalServerPort int port;

  Api ada;
  UUID one;
  UUID other;

  @BeforeEach
  void twoAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    one = ada.openAccount(100_000);
    other = ada.openAccount(100_000);
  }

  @Test
  void theSameKeyFromManyClientsIsOneTransfer() throws Exception {
    List<Api.Answer> answers = atOnce(32, _ -> ada.transfer("one-key", one, other, 100));

    assertThat(answers).extracting(Api.Answer::id).containsOnly(answers.getFirst().id());
    assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(1);
    assertThat(answers)
        .filteredOn(answer -> answer.status() == 200 && answer.isReplay())
        .hasSize(31);
    assertThat(ada.posted(other)).isEqualTo(100);
    assertThat(ada.get("/v1/accounts/" + other + "/entries").body().at("/data")).hasSize(1);
  }

  @Test
  void oppositeTransfersAllGoThrough() throws Exception {
    List<Api.Answer> answers =
        atOnce(
            64,
            i -> i % 2 == 0 ? ada.transfer(one, other, 100 + i) : ada.transfer(other, one, 100));

    long sum = 0;
    for (int i = 0; i < 64; i += 2) {
      sum += i;
    }
    assertThat(answers).extracting(Api.Answer::status).containsOnly(201);
    assertThat(ada.posted(one)).isEqualTo(-sum);
    assertThat(ada.posted(other)).isEqualTo(sum);
    assertUnbroken(one, 64);
    assertUnbroken(other, 64);
  }

  @Test
  void togetherTheyNeverSpendMoreThanThereIs() throws Exception {
    UUID purse = ada.openAccount(1000);

    List<Api.Answer> answers = atOnce(32, _ -> ada.transfer(purse, other, 100));

    assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(10);
    assertThat(answers)
        .filteredOn(answer -> answer.at("/type").equals("/problems/insufficient-funds"))
        .hasSize(22);
    assertThat(ada.posted(purse)).isEqualTo(-1000);
  }

  /** Numbered without gaps, each balance the one before and its amount. */
  private void assertUnbroken(UUID account, int count) {
    JsonNode newestFirst = ada.get("/v1/accounts/" + account + "/entries?limit=100").body();
    List<JsonNode> entries = newestFirst.at("/data").valueStream().toList().reversed();
    assertThat(entries).hasSize(count);
    long balance = 0;
    for (int i = 0; i < count; i++) {
      balance += entries.get(i).at("/amount").asLong();
      assertThat(entries.get(i).at("/sequence").asLong()).isEqualTo(i + 1);
      assertThat(entries.get(i).at("/balanceAfter").asLong()).isEqualTo(balance);
    }
  }

  private static List<Api.Answer> atOnce(int clients, IntFunction<Api.Answer> request)
      throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Api.Answer>> answers = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        int client = i;
        answers.add(
            threads.submit(() -> {
              start.await();
              return request.apply(client);
            }));
      }
      start.countDown();
      List<Api.Answer> all = new ArrayList<>();
      for (Future<Api.Answer> answer : answers) {
        all.add(answer.get());
      }
      return all;
    }
  }
}
