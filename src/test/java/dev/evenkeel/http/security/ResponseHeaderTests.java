package dev.evenkeel.http.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The headers that tell caches, browsers and proxies how to treat a response. */
@WholeApplication
class ResponseHeaderTests {

  @LocalServerPort int port;

  @ParameterizedTest
  @ValueSource(
      strings = {"/v1/accounts", "/v1/no-such-path", "/problems/not-found", "/actuator/health"})
  void forbidsStoringAndSniffing(String path) {
    Api.Answer answer = new Api(port, "ada").get(path);

    assertThat(answer.header("Cache-Control")).hasValue("no-store");
    assertThat(answer.header("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(answer.header("X-Frame-Options")).hasValue("DENY");
    assertThat(answer.header("Set-Cookie")).isEmpty();
  }

  @Test
  void allowsPagesNothingButTheirStyle() {
    String policy =
        Api.anonymous(port)
            .get("/problems/not-found")
            .header("Content-Security-Policy")
            .orElseThrow();

    assertThat(policy)
        .matches("default-src 'none'; style-src 'sha256-[^']{44}'; .*frame-ancestors 'none'");
  }

  @Test
  void allowsOtherResponsesNothing() {
    assertThat(new Api(port, "ada").get("/v1/accounts").header("Content-Security-Policy"))
        .hasValue("default-src 'none'; frame-ancestors 'none'");
  }

  // part of notifications
  @Test
  void forbidsProxiesToBufferStreams() {
    Api api = new Api(port, "ada");

    assertThat(api.send(api.request("/v1/notifications/stream").HEAD()).header("X-Accel-Buffering"))
        .hasValue("no");
  }

  // end of notifications

  @Test
  void demandsTlsBehindTls() {
    Api api = new Api(port, "ada-" + UUID.randomUUID());

    assertThat(api.get("/v1/accounts").header("Strict-Transport-Security")).isEmpty();
    assertThat(
            api.send(api.request("/v1/accounts").header("X-Forwarded-Proto", "https").GET())
                .header("Strict-Transport-Security"))
        .isPresent();
  }
}
