package dev.evenkeel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Refusing a bad body takes about as long as reading a good one of its size. */
@WholeApplication
class BadInputCostTests {

  private static final int REPETITIONS = 5;

  /** For what a good and a bad request differ in besides their bodies. */
  private static final long TOLERANCE_MILLIS = 10;

  @LocalServerPort int port;

  @ParameterizedTest
  @EnumSource
  void badBodiesCostNoMoreThanGoodOnes(Operation operation) {
    Api api = Api.operator(port, "ada-" + UUID.randomUUID());
    UUID account = api.openAccount(1_000_000);
    UUID other = api.openAccount(0);
    String good =
        (operation == Operation.BATCH ? aThousandTransfers(operation) : operation.body())
            .replace("{account}", account.toString())
            .replace("{other}", other.toString());
    int size = operation.maxBody();

    Duration reference =
        time(api, operation, account, other, " ".repeat(size - good.length()) + good);

    bad(operation, size)
        .forEach((name, body) -> {
          Duration cost = time(api, operation, account, other, body);
          assertThat(cost)
              .as(name)
              .isLessThan(reference.multipliedBy(3).plusMillis(TOLERANCE_MILLIS));
        });
  }

  private static String aThousandTransfers(Operation batch) {
    String one = batch.body().replaceFirst(".*\\[(.*)].*", "$1");
    return batch.body().replace(one, String.join(",", Collections.nCopies(1000, one)));
  }

  private static Map<String, String> bad(Operation operation, int size) {
    Map<String, String> bodies = new LinkedHashMap<>();
    String zeros = "[0" + ",0".repeat((size - 30_100) / 2) + "]";
    String key = "k".repeat(30_000);
    bodies.put("long key", operation.with(key, zeros));
    bodies.put("long key of digits", operation.with("1".repeat(30_000), zeros));
    bodies.put("long key of spaced digits", operation.with("1 ".repeat(15_000), zeros));
    bodies.put(
        "long key in metadata", operation.with("metadata", "{\"" + key + "\":" + zeros + "}"));
    bodies.put("many nulls in metadata", operation.with("metadata", members(size / 14, "null")));
    bodies.put("many zeros in metadata", operation.with("metadata", members(size / 11, "0")));
    bodies.put("many fields", members(size / 11, "0"));
    bodies.put("many zeros", "{\"transfers\":[0" + ",0".repeat(size / 2 - 100) + "]}");
    bodies.put("deep arrays", "[".repeat(size));
    bodies.put("deep objects", "{\"a\":".repeat(size / 5));
    bodies.put("long number", operation.with(operation.amountField, "1".repeat(size - 1000)));
    bodies.put("long text", operation.with("currency", "\"" + "1".repeat(size - 1000) + "\""));
    bodies.put("escapes", operation.with("name", "\"" + "\\u0000".repeat(size / 6 - 200) + "\""));
    if (operation == Operation.BATCH) {
      String refused = "{\"metadata\":" + members(20, "null") + "}";
      bodies.put(
          "a thousand bad transfers",
          "{\"transfers\":[" + String.join(",", Collections.nCopies(1000, refused)) + "]}");
    }
    return bodies;
  }

  private static String members(int count, String value) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"" + Integer.toString(i, 36) + "\":" + value)
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** The shortest of several: the others also measure what else the machine does. */
  private static Duration time(
      Api api, Operation operation, UUID account, UUID other, String body) {
    return Duration.ofNanos(
        LongStream.range(0, REPETITIONS)
            .map(_ -> {
              String path = operation.path;
              if (path.contains("{transfer}")) {
                path = path.replace("{transfer}", api.transfer(account, other, 1).id().toString());
              }
              if (path.contains("{hold}")) {
                path = path.replace("{hold}", api.hold(account, other, 10).id().toString());
              }
              if (path.contains("{payment}")) {
                path = path.replace("{payment}", api.payIn(account, 10, "tok_ok").id().toString());
              }
              if (path.contains("{authorized}")) {
                path =
                    path.replace(
                        "{authorized}", api.authorize(account, 10, "tok_ok").id().toString());
              }
              long start = System.nanoTime();
              assertThat(api.post(path, body).status()).isNotEqualTo(500);
              return System.nanoTime() - start;
            })
            .min()
            .orElseThrow());
  }
}
