package dev.paymentprovider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StandaloneTests extends Running {

  @Test
  void aTakenPortIsSaidInOneLine() throws Exception {
    var second = startAlone(provider.port());

    var said = new String(second.getInputStream().readAllBytes(), UTF_8);

    assertThat(second.waitFor()).isEqualTo(1);
    assertThat(said.lines()).hasSize(1);
    assertThat(said).contains("Port " + provider.port(), "PORT");
  }

  @Test
  void itStartsAloneAndSaysWhere() throws Exception {
    var alone = startAlone(0);
    try (var said = new BufferedReader(new InputStreamReader(alone.getInputStream(), UTF_8))) {
      assertThat(said.readLine()).matches("Payment provider simulator: http://127.0.0.1:\\d+");
    } finally {
      alone.destroy();
      alone.waitFor();
    }
  }

  private Process startAlone(int port) throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var classPath = System.getProperty("java.class.path");
    var builder = new ProcessBuilder(java, "-cp", classPath, PaymentProvider.class.getName());
    builder.environment().put("PORT", Integer.toString(port));
    builder.environment().put("DATA", folder.resolve("alone.jsonl").toString());
    return builder.redirectErrorStream(true).start();
  }
}
