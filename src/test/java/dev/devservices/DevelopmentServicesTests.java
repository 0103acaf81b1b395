package dev.devservices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.Evenkeel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs applications in processes of their own, to see which data and servers outlive them. */
@Timeout(
    value = 120,
    threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // reading a pipe is not interruptible
class DevelopmentServicesTests {

  @TempDir static Path folder; // shared by all tests, since the first start takes longest

  @AfterAll
  static void stopLeftoverServer() throws IOException {
    LeftoverServer.stop(folder.resolve("postgres"));
  }

  @Test
  void stopsTheDatabaseAndKeepsItsData() throws Exception {
    try (var first = start()) {
      write(first, "orderly");

      assertThat(first.stop(10)).isTrue();
      assertThat(folder.resolve("postgres/postmaster.pid")).doesNotExist();
    }
    try (var second = start()) {
      assertThat(read(second, "orderly")).isEqualTo(1);
    }
  }

  @Test
  void keepsDataWhenKilled() throws Exception {
    try (var first = start()) {
      write(first, "killed");

      first.kill();
      assertThat(folder.resolve("postgres/postmaster.pid")).exists();
    }
    try (var second = start()) {
      assertThat(read(second, "killed")).isEqualTo(1);
    }
  }

  @Test
  void rejectsASecondApplicationOnTheSameFolder() throws Exception {
    try (var first = start();
        var connection = first.connect(DevelopmentDatabase.APPLICATION);
        var second = start()) {
      assertThat(second.outputToTheEnd())
          .filteredOn(line -> line.contains("did not start"))
          .singleElement()
          .asString()
          .contains("another Evenkeel is using " + folder, "evenkeel.development.data");
      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(connection.isValid(5)).isTrue();
    }
  }

  @Test
  void rejectsATakenSimulatorPort() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var refused = start(taken.getLocalPort())) {
      var output = refused.outputToTheEnd();

      assertThat(output).filteredOn(line -> line.contains("did not start")).hasSize(1);
      assertThat(output)
          .anyMatch(line -> line.contains("port " + taken.getLocalPort() + ", meant for"))
          .noneMatch(line -> line.startsWith("\tat "));
      assertThat(refused.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void startsNoSimulatorBesideAnotherProvider() throws Exception {
    try (var application =
        RunningApplication.start(
            Evenkeel.class,
            _ -> true,
            "--spring.profiles.active=development",
            "--server.port=0",
            "--evenkeel.simulator.port=0",
            "--evenkeel.development.data=" + folder.resolve("stripe"),
            "--evenkeel.payments.provider.type=stripe",
            "--evenkeel.payments.provider.api-key=sk_test_1")) {
      assertThat(application.awaitOutput(Pattern.compile("(simulator|provider) +(\\S+)")))
          .isEqualTo("provider");
      assertThat(application.stop(30)).isTrue();
    } finally {
      LeftoverServer.stop(folder.resolve("stripe/postgres"));
    }
  }

  @Test
  void sendsSimulatorWebhooksToTheApplication() throws Exception {
    try (var application = start();
        var http = HttpClient.newHttpClient()) {
      var order =
          HttpRequest.newBuilder(URI.create(application.simulatorUrl() + "/charges"))
              .header("Idempotency-Key", "later")
              .POST(
                  BodyPublishers.ofString(
                      """
                      {"reference":"later","amount":1,"currency":"EUR","instrument":"tok_async"}
                      """))
              .build();

      assertThat(http.send(order, BodyHandlers.discarding()).statusCode()).isEqualTo(202);

      assertThat(application.awaitOutput(Pattern.compile("/v1/provider/webhooks got (.*)")))
          .contains("operation.updated", "later");
    }
  }

  private static RunningApplication start() throws IOException {
    return start(0);
  }

  private static RunningApplication start(int simulatorPort) throws IOException {
    return RunningApplication.start(SmallApplication.class, folder, simulatorPort);
  }

  private static void write(RunningApplication application, String table)
      throws IOException, SQLException {
    try (var connection = application.connect(DevelopmentDatabase.OWNER);
        var statement = connection.createStatement()) {
      statement.execute("create schema " + table);
      statement.execute("create table " + table + ".kept as select 1 as value");
      statement.execute("grant usage on schema " + table + " to evenkeel");
      statement.execute("grant select on " + table + ".kept to evenkeel");
    }
  }

  private static int read(RunningApplication application, String table)
      throws IOException, SQLException {
    try (var connection = application.connect(DevelopmentDatabase.APPLICATION);
        var statement = connection.createStatement();
        var rows = statement.executeQuery("select value from " + table + ".kept")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
