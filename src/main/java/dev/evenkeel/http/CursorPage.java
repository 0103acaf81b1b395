package dev.evenkeel.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, newest first.
 *
 * @param nextCursor continues after the last element; null on the last page
 */
public record CursorPage<T>(
    List<T> data, @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable String nextCursor) {

  /**
   * Cuts a page from the elements found.
   *
   * @param found up to {@link CursorRequest#lookAhead} elements
   * @param position the element's value in a cursor
   */
  public static <E> CursorPage<E> of(
      CursorRequest request, List<E> found, Function<E, Object> position) {
    return of(request, found, position, Function.identity());
  }

  /**
   * Cuts a page from the elements found, and maps its elements.
   *
   * @param found up to {@link CursorRequest#lookAhead} elements
   * @param position the element's value in a cursor
   */
  public static <E, T> CursorPage<T> of(
      CursorRequest request, List<E> found, Function<E, Object> position, Function<E, T> body) {
    boolean more = found.size() > request.limit();
    List<E> shown = more ? found.subList(0, request.limit()) : found;
    String next = more ? request.cursor(position.apply(shown.getLast())) : null;
    return new CursorPage<>(shown.stream().map(body).toList(), next);
  }
}
