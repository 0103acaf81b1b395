package dev.evenkeel.observability;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.ttddyy.observation.tracing.QueryContext;
import net.ttddyy.observation.tracing.QueryObservationConvention;
import org.springframework.stereotype.Component;
import org.springframework.util.ConcurrentLruCache;

/**
 * Names the spans of SQL: by the first table that a statement changes, such as {@code update
 * payments.payment}, or else by the first one that it reads. There are at most as many names as
 * statements in the code.
 */
@Component
class SqlSpanNames implements QueryObservationConvention {

  /** Tables have the name of their schema, which tells them from {@code for update of}. */
  private static final Pattern CHANGED =
      Pattern.compile("\\b(insert|update|delete)(?:\\s+(?:into|from))?\\s+(\\w+\\.\\w+)");

  private static final Pattern READ = Pattern.compile("\\bfrom\\s+(\\w+\\.\\w+)");

  /** For a statement without tables, such as {@code select clock_timestamp()}. */
  private static final Pattern WORDS = Pattern.compile("\\w+(?: \\w+)?");

  private static final int REMEMBERED = 1000;

  private final ConcurrentLruCache<String, String> names =
      new ConcurrentLruCache<>(REMEMBERED, SqlSpanNames::name);

  @Override
  public String getContextualName(QueryContext query) {
    return query.getQueries().isEmpty() ? "query" : names.get(query.getQueries().getFirst());
  }

  static String name(String sql) {
    String text = sql.toLowerCase(Locale.ROOT);
    Matcher changed = CHANGED.matcher(text);
    if (changed.find()) {
      return changed.group(1) + " " + changed.group(2);
    }
    Matcher read = READ.matcher(text);
    if (read.find()) {
      return "select " + read.group(1);
    }
    Matcher words = WORDS.matcher(text);
    return words.find() ? words.group() : "query";
  }
}
