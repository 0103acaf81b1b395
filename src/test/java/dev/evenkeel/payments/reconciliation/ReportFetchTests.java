package dev.evenkeel.payments.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The report is fetched page by page, by one run at a time. */
@WholeApplication
class ReportFetchTests extends ReconciliationFixture {

  private static final LocalDate DAY = LocalDate.of(2018, 1, 1);
  private static final String LOCK = "payments-reconciliation";

  /** What the provider does when it is asked for a page, and the number of the page it answers. */
  private interface Page {
    int asked(int request) throws SQLException;
  }

  private HttpServer server;
  private int requests;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/balance", exchange -> exchange.sendResponseHeaders(404, -1));
    server.start();
  }

  @AfterEach
  void stop() throws SQLException {
    server.stop(0);
    lockJob(LOCK, false);
    asOwner("delete from payments.reconciliation_difference where day = '" + DAY + "'");
    asOwner("delete from payments.reconciliation where day = '" + DAY + "'");
  }

  /**
   * Three pages of one operation each, the last of unknown time, unless {@code page} answers
   * others.
   */
  private void run(Page page) throws IOException {
    List<Exception> failures = new ArrayList<>();
    server.createContext(
        "/",
        exchange -> {
          try {
            answer(exchange, page.asked(++requests));
          } catch (SQLException failure) {
            failures.add(failure);
          }
        });
    reconcile(DAY, URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
    assertThat(failures).isEmpty();
  }

  private static void answer(HttpExchange exchange, int page) throws IOException {
    String line =
        """
        {"id": "op_%d", "key": "by hand", "kind": "charge", "amount": 1, "currency": "EUR", "status": "approved",
         "at": "%s"}
        """
            .formatted(page, page == 3 ? "unknown" : DAY + "T12:00:00Z");
    byte[] body =
        "{\"data\": [%s]}".formatted(page > 3 ? "" : line).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Test
  void fetchesAllPages() throws IOException {
    run(request -> request);

    assertThat(reports.find(DAY).orElseThrow().differences()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1, 2, 2, 2, 4", "1, 2, 1, 2, 4"})
  void failsWhenPageRepeats(String pages) {
    String[] page = pages.split(", ");
    assertThatThrownBy(() -> run(request -> Integer.parseInt(page[Math.min(request, 5) - 1])))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("repeats a page");
    assertThat(reports.find(DAY)).isEmpty();
  }

  @Test
  void failsWhenItsLockIsLost() {
    assertThatThrownBy(() ->
            run(request -> {
              if (request == 2) {
                lockJob(LOCK, true);
              }
              return request;
            }))
        .hasMessageContaining("another reconciliation");
    assertThat(reports.find(DAY)).isEmpty();
    assertThat(requests).isEqualTo(2);
  }

  @Test
  void extendsItsLock() throws IOException {
    String soon = "lock_until < clock_timestamp() + interval '1 min'";
    List<Long> ending = new ArrayList<>();

    run(request -> {
      ending.add(countRows("shared.shedlock where name = '%s' and %s".formatted(LOCK, soon)));
      asOwner(
          "update shared.shedlock set lock_until = now() + interval '50 s' where name = '"
              + LOCK
              + "'");
      return request;
    });

    assertThat(ending).containsExactly(0L, 0L, 0L, 0L);
  }

  @Test
  void lastLineOfAnOperationCounts() {
    reported.clear();
    reported.add(List.of(operation("pending"), operation("approved")));
    assertThat(status()).isEqualTo("approved");

    reported.add(List.of(operation("declined")));
    assertThat(status()).isEqualTo("declined");
    reported.clear();
  }

  private @Nullable String status() {
    List<ProviderOperation> found = reported.findByIds(List.of("op_1"));
    return found.size() == 1 ? found.getFirst().status() : null;
  }

  private static ProviderOperation operation(String status) {
    return new ProviderOperation(
        "op_1", "key", null, "charge", 1, "EUR", status, null, List.of(), false, null);
  }
}
