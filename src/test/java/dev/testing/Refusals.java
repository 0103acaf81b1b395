package dev.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the contract says of every problem document. */
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

  /** Of an operation with a key: nothing moved, and what to do next. */
  public static void assertRefused(Api.Answer answer, int status, String slug, String retry) {
    assertRefused(answer, status, slug);
    assertThat(answer.at("/effect")).as(answer.toString()).isEqualTo("none");
    assertThat(answer.at("/retry")).as(answer.toString()).isEqualTo(retry);
  }

  /** It says the same, and that it says it again. */
  public static void assertReplayed(Api.Answer again, Api.Answer before) {
    assertThat(before.isReplay()).isFalse();
    assertThat(again.isReplay()).as(again.toString()).isTrue();
    assertThat(again.status()).isEqualTo(before.status());
    assertThat(withoutCircumstances(again)).isEqualTo(withoutCircumstances(before));
  }

  /** A problem without what differs from request to request. */
  public static JsonNode withoutCircumstances(Api.Answer answer) {
    ObjectNode body = (ObjectNode) answer.body().deepCopy();
    body.remove(List.of("instance", "traceId"));
    return body;
  }
}
