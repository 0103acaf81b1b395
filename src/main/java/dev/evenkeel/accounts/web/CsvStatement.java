package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Statements;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.coyote.CloseNowException;
import org.jspecify.annotations.Nullable;

/**
 * A statement as CSV (RFC 4180), written as it is read, a few entries at a time: a slow reader
 * holds up nobody and a long statement takes no memory. Entries never change, so that it is one
 * statement all the same. Without its last line, {@code closing}, it is not complete.
 */
record CsvStatement(Statements statements, Account account, PrintWriter out) {

  private static final int ENTRIES_AT_ONCE = 1000;
  private static final String HEADER =
      "kind,sequence,posted_at,amount,balance_after,currency,transfer_id,description\r\n";
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSX").withZone(ZoneOffset.UTC);

  void write(@Nullable Instant from, @Nullable Instant to) throws IOException {
    Statements.Extent extent = statements.extent(account.id(), from, to);
    out.print(HEADER);
    balance("opening", extent.before(), from, extent.opening());
    long written = extent.before();
    while (written < extent.last()) {
      List<Statements.Entry> entries =
          statements.oldestFirst(account.id(), written, extent.last(), ENTRIES_AT_ONCE);
      entries.forEach(this::entry);
      if (out.checkError()) {
        throw new CloseNowException("the reader is gone");
      }
      written = entries.getLast().sequence();
    }
    balance(
        "closing", written, to, written == extent.before() ? extent.opening() : extent.closing());
    out.flush();
  }

  private void balance(String kind, long sequence, @Nullable Instant at, long balance) {
    String time = at == null ? null : MICROSECONDS.format(at);
    line(kind, sequence, time, null, balance, account.currency(), null, null);
  }

  private void entry(Statements.Entry it) {
    String time = MICROSECONDS.format(it.postedAt());
    line(
        "entry",
        it.sequence(),
        time,
        it.amount(),
        it.balanceAfter(),
        account.currency(),
        it.transferId(),
        it.description());
  }

  private void line(@Nullable Object... fields) {
    out.print(
        Stream.of(fields)
            .map(field -> quoted(Objects.toString(field, "")))
            .collect(Collectors.joining(",", "", "\r\n")));
  }

  private static String quoted(String field) {
    return field.chars().anyMatch(c -> c == ',' || c == '"' || c == '\r' || c == '\n')
        ? "\"" + field.replace("\"", "\"\"") + "\""
        : field;
  }
}
