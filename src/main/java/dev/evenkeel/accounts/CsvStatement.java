package dev.evenkeel.accounts;

import dev.evenkeel.http.Timestamps;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.coyote.CloseNowException;
import org.jspecify.annotations.Nullable;

/**
 * A statement as CSV (RFC 4180). It is read and written a few entries at a time, so a slow client
 * holds no connection and a long statement takes no memory; as entries never change, it is
 * consistent all the same. A statement without its last line, {@code closing}, is incomplete.
 */
public record CsvStatement(Statements statements, Account account, PrintWriter out) {

  /** Small, because a transfer may have to wait while a batch is read and written. */
  private static final int BATCH_SIZE = 200;

  /** A statement pauses six times as long as it reads, so it takes a seventh of a processor. */
  private static final int PAUSE_FACTOR = 6;

  /** A slow database must not make the pause as slow. */
  private static final Duration MAX_PAUSE = Duration.ofMillis(200);

  private static final String HEADER =
      "kind,sequence,posted_at,amount,balance_after,currency,transfer_id,description\r\n";

  /**
   * @param from inclusive; null for the beginning
   * @param to exclusive; null for no limit
   */
  public void write(@Nullable Instant from, @Nullable Instant to) throws IOException {
    Statements.Extent extent = statements.extent(account.id(), from, to);
    out.print(HEADER);
    out.print(balance("opening", extent.before(), from, extent.opening()));
    long written = extent.before();
    long pause = 0;
    while (written < extent.last()) {
      LockSupport.parkNanos(pause);
      long began = System.nanoTime();
      List<Statements.Entry> entries =
          statements.oldestFirst(account.id(), written, extent.last(), BATCH_SIZE);
      String lines = entries.stream().map(this::entry).collect(Collectors.joining());
      pause = Math.min(PAUSE_FACTOR * (System.nanoTime() - began), MAX_PAUSE.toNanos());
      out.print(lines);
      if (out.checkError()) {
        throw new CloseNowException("the client is gone");
      }
      written = entries.getLast().sequence();
    }
    long closing = written == extent.before() ? extent.opening() : extent.closing();
    out.print(balance("closing", written, to, closing));
    out.flush();
  }

  private String balance(String kind, long sequence, @Nullable Instant at, long balance) {
    String time = at == null ? null : Timestamps.format(at);
    return line(kind, sequence, time, null, balance, account.currency(), null, null);
  }

  private String entry(Statements.Entry it) {
    String time = Timestamps.format(it.postedAt());
    return line(
        "entry",
        it.sequence(),
        time,
        it.amount(),
        it.balanceAfter(),
        account.currency(),
        it.transferId(),
        it.description() == null ? null : asText(it.description()));
  }

  private static String line(@Nullable Object... fields) {
    return Stream.of(fields)
        .map(field -> quoted(Objects.toString(field, "")))
        .collect(Collectors.joining(",", "", "\r\n"));
  }

  /** Keeps spreadsheets from evaluating a text as a formula. */
  private static String asText(String text) {
    if (text.isEmpty()) {
      return text;
    }
    char first = text.charAt(0);
    return "=+-@".indexOf(first) >= 0 || Character.isISOControl(first) ? "'" + text : text;
  }

  private static String quoted(String field) {
    boolean special =
        field.indexOf(',') >= 0
            || field.indexOf('"') >= 0
            || field.indexOf('\r') >= 0
            || field.indexOf('\n') >= 0;
    return special ? "\"" + field.replace("\"", "\"\"") + "\"" : field;
  }
}
