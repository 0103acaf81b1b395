package dev.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await; // part of notifications

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.testing.Api;
import dev.testing.WholeApplication;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.scheduling.config.ScheduledTask;
import org.springframework.scheduling.config.ScheduledTaskHolder;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** While nothing is wrong, nothing is logged. */
@WholeApplication
// An application of its own: in others, the jobs find what tests have broken
@TestPropertySource(properties = "spring.main.log-startup-info=false")
@DirtiesContext
@ExtendWith(OutputCaptureExtension.class)
class QuietLogTests {

  @LocalServerPort int port;
  @Autowired ScheduledTaskHolder scheduled;
  @Autowired MeterRegistry meters;

  /**
   * All that one quiet hour would run, on the test's thread: other applications of tests log, too.
   */
  @Test
  void jobsLogNothing() {
    assertThat(logged(this::runJobs)).isEmpty();
    assertThat(List.of(lastSuccess("ledger"), lastSuccess("payments"))).doesNotContain(Double.NaN);
  }

  private void runJobs() {
    for (ScheduledTask job : scheduled.getScheduledTasks()) {
      job.getTask().getRunnable().run();
    }
  }

  private double lastSuccess(String check) {
    return meters.get("evenkeel.check.last.success.timestamp").tag("check", check).gauge().value();
  }

  private static List<String> logged(Runnable work) {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    root.addAppender(lines);
    try {
      work.run();
    } finally {
      root.detachAppender(lines);
    }
    String thread = Thread.currentThread().getName();
    return List.copyOf(lines.list).stream()
        .filter(line -> line.getThreadName().equals(thread))
        .map(ILoggingEvent::toString)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tok_ok", "tok_declined"})
  void paymentsLogNothing(String instrument, CapturedOutput output) {
    String trace = UUID.randomUUID().toString().replace("-", "");
    Api api = new Api(port, "ada-" + UUID.randomUUID());

    Api.Answer paid =
        api.send(
            api.payingIn(api.openAccount(0), 1250, instrument)
                .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01"));

    assertThat(paid.status()).as(paid.toString()).isEqualTo(201);
    // part of notifications
    await().until(() -> !api.get("/v1/notifications").body().at("/data").isEmpty());
    // end of notifications
    assertThat(output).doesNotContain(trace);
  }
}
