package dev.evenkeel.payments.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The provider's report is read as a whole, or not at all. */
class ProviderOperationTests {

  private static final String LINE =
      """
      {"id": "op_1", "key": "k", "kind": "charge", "reference": "r", "amount": 1250,
       "currency": "EUR", "status": "approved", "at": "2026-01-01T00:00:00Z"}
      """;

  private static List<ProviderOperation> report(String body) throws IOException {
    return ResponseParser.report(body.getBytes(UTF_8));
  }

  @Test
  void readsEachLine() throws IOException {
    assertThat(report("{\"data\": [" + LINE + "]}"))
        .containsExactly(
            new ProviderOperation(
                "op_1",
                "k",
                "r",
                "charge",
                1250,
                "EUR",
                "approved",
                null,
                null,
                null,
                Instant.parse("2026-01-01T00:00:00Z")));
    assertThat(report("{\"data\": []}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "[]",
        "{\"data\": null}",
        "{\"data\": [null]}",
        "{\"data\": [{}]}"
      })
  void believesNoReportThatIsMalformed(String body) {
    assertThatThrownBy(() -> report(body)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "key", "kind", "amount", "currency", "status", "at"})
  void believesNoLineThatIsIncomplete(String field) {
    String incomplete = LINE.replace("\"" + field + "\"", "\"x-" + field + "\"");

    assertThatThrownBy(() -> report("{\"data\": [" + LINE + "," + incomplete + "]}"))
        .isInstanceOf(IOException.class);
  }
}
