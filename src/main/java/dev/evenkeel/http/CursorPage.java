package dev.evenkeel.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, newest first.
 *
 * @param nextCursor continues after the last element; null where there is no more
 */
public record CursorPage<T>(
    List<T> data, @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String nextCursor) {

  /** As below, of elements that are shown as they are. */
  public static <E> CursorPage<E> of(
      CursorRequest window, List<E> found, Function<E, Object> position) {
    return of(window, found, position, Function.identity());
  }

  /**
   * @param position the cursor's value of an element, see {@link CursorRequest}
   * @param found at most one element more than the window asks for: whether there is more
   */
  public static <E, T> CursorPage<T> of(
      CursorRequest window, List<E> found, Function<E, Object> position, Function<E, T> body) {
    boolean more = found.size() > window.limit();
    List<E> shown = more ? found.subList(0, window.limit()) : found;
    String next = more ? window.cursor(position.apply(shown.getLast())) : null;
    return new CursorPage<>(shown.stream().map(body).toList(), next);
  }
}
