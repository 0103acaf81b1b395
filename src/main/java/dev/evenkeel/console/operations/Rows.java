package dev.evenkeel.console.operations;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table, of which there may be more.
 *
 * @param next the last row if more follow it, else null
 */
record Rows<T>(List<T> shown, @Nullable T next) {

  /**
   * Keeps some rows.
   *
   * @param found one more than these, if there are more
   */
  static <T> Rows<T> upTo(int limit, List<T> found) {
    return found.size() > limit
        ? new Rows<>(found.subList(0, limit), found.get(limit - 1))
        : new Rows<>(found, null);
  }

  public boolean isEmpty() {
    return shown.isEmpty();
  }
}
