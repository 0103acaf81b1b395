package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The slow and failed requests, and their traces. */
class RequestPagesTests extends PageTest {

  private static final String UNKNOWN = "/4bf92f3577b34da6a3ce929d0e0e4736";

  @ParameterizedTest
  @ValueSource(strings = {"", UNKNOWN})
  void areForOperatorsOnly(String path) {
    HttpResponse<String> page = browser.login(owner).get("/console/requests" + path);

    assertThat(page.statusCode()).isEqualTo(403);
    assertThat(page.body()).contains("operations");
  }

  @Test
  void listsRequestsThatLeadToTheirTraces() {
    UUID account = api.openAccount(0);
    api.payIn(account, 1250, "tok_slow");
    Browser operator = operator();

    await()
        .untilAsserted(() ->
            assertThat(operator.get("/console/requests").body())
                .contains("POST /v1/payments", "url(#provider)", "Slowest"));
    Matcher link =
        Pattern.compile("(/console/requests/[0-9a-f]{32})\">POST /v1/payments<")
            .matcher(operator.get("/console/requests").body());
    assertThat(link.find()).isTrue();
    assertThat(operator.get(link.group(1)).body())
        .contains("<h1>POST /v1/payments</h1>", "provider.charge", "insert payments.payment")
        .contains(">, other, level 1<", ">, provider, level 2<");
  }

  @Test
  void saysHowLongTracesAreKept() {
    HttpResponse<String> page = operator().get("/console/requests" + UNKNOWN);

    assertThat(page.statusCode()).isEqualTo(404);
    assertThat(page.body()).contains("kept for 15 minutes");
  }
}
