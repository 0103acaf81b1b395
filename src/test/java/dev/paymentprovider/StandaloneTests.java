package dev.paymentprovider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StandaloneTests extends RunningProvider {

  @Test
  void rejectsATakenPortInOneLine() throws Exception {
    var second = startProcess(provider.port());

    var output = new String(second.getInputStream().readAllBytes(), UTF_8);

    assertThat(second.waitFor()).isEqualTo(1);
    assertThat(output.lines()).hasSize(1);
    assertThat(output).contains("Port " + provider.port(), "PORT");
  }

  @Test
  void printsItsAddress() throws Exception {
    var alone = startProcess(0);
    try (var output = new BufferedReader(new InputStreamReader(alone.getInputStream(), UTF_8))) {
      assertThat(output.readLine()).matches("Payment provider simulator: http://127.0.0.1:\\d+");
    } finally {
      alone.destroy();
      alone.waitFor();
    }
  }

  private Process startProcess(int port) throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var classPath = System.getProperty("java.class.path");
    var builder = new ProcessBuilder(java, "-cp", classPath, PaymentProvider.class.getName());
    builder.environment().put("PORT", Integer.toString(port));
    builder.environment().put("DATA", folder.resolve("alone.jsonl").toString());
    return builder.redirectErrorStream(true).start();
  }
}
