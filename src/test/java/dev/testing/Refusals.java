package dev.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Assertions that hold for every problem document. */
public final class Refusals {

  private Refusals() {}

  public static void assertRefused(Api.Answer answer, int status, String slug) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).contains("application/problem+json");
    assertThat(answer.at("/type")).isEqualTo("/problems/" + slug);
    assertThat(answer.body().at("/status").asInt()).isEqualTo(status);
    assertThat(answer.at("/title")).isNotEmpty();
    assertThat(answer.at("/detail")).isNotEmpty();
    assertThat(answer.at("/instance")).isEqualTo(answer.response().uri().getPath());
    assertThat(answer.at("/traceId")).matches("[0-9a-f]{32}");
  }

  /** Asserts a refusal of an operation with a key: no effect, and what to do next. */
  public static void assertRefused(Api.Answer answer, int status, String slug, String retry) {
    assertRefused(answer, status, slug);
    assertThat(answer.at("/effect")).as(answer.toString()).isEqualTo("none");
    assertThat(answer.at("/retry")).as(answer.toString()).isEqualTo(retry);
  }

  /** Asserts that a response replays an earlier one. */
  public static void assertReplayed(Api.Answer again, Api.Answer before) {
    assertThat(before.isReplay()).isFalse();
    assertThat(again.isReplay()).as(again.toString()).isTrue();
    assertThat(again.status()).isEqualTo(before.status());
    assertThat(withoutCircumstances(again)).isEqualTo(withoutCircumstances(before));
  }

  /** A problem without the members that differ from request to request. */
  public static JsonNode withoutCircumstances(Api.Answer answer) {
    ObjectNode body = (ObjectNode) answer.body().deepCopy();
    body.remove(List.of("instance", "traceId"));
    return body;
  }
}
