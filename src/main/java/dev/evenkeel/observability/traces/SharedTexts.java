package dev.evenkeel.observability.traces;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** One instance of each text that many spans have, such as SQL. It never forgets one. */
final class SharedTexts {

  private final Map<String, String> texts = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();
  private final long limit;

  /**
   * @param limit in bytes; once they are used, no further text is shared
   */
  SharedTexts(long limit) {
    this.limit = limit;
  }

  String share(String text) {
    String known = texts.get(text);
    if (known != null) {
      return known;
    }
    if (bytes.get() + size(text) > limit || texts.putIfAbsent(text, text) != null) {
      return text;
    }
    bytes.addAndGet(size(text));
    return text;
  }

  /** What the text costs the span that has it: nothing if it is shared. */
  long cost(String text) {
    return texts.containsKey(text) ? 0 : size(text);
  }

  /** An upper bound of what all shared texts take up. */
  long bytes() {
    return bytes.get();
  }

  private static long size(String text) {
    return 100 + 2L * text.length();
  }
}
