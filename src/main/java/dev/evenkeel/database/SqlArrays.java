package dev.evenkeel.database;

import java.util.Collection;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.support.SqlArrayValue;

/**
 * Turns columns of rows into array parameters for {@code unnest}, so that one statement handles any
 * number of rows. The driver sends arrays of {@code String} and {@code Long} in binary, which is
 * cheaper than text.
 */
public final class SqlArrays {

  private SqlArrays() {}

  public static SqlArrayValue uuids(Collection<UUID> values) {
    return uuids(values, Function.identity());
  }

  public static <T> SqlArrayValue uuids(
      Collection<T> rows, Function<? super T, ? extends @Nullable UUID> value) {
    return array("uuid", rows, value);
  }

  public static <T> SqlArrayValue texts(
      Collection<T> rows, Function<? super T, ? extends @Nullable String> value) {
    return new SqlArrayValue("text", (Object[]) rows.stream().map(value).toArray(String[]::new));
  }

  public static <T> SqlArrayValue numbers(
      Collection<T> rows, Function<? super T, ? extends @Nullable Long> value) {
    return new SqlArrayValue("bigint", (Object[]) rows.stream().map(value).toArray(Long[]::new));
  }

  /**
   * An array of any type.
   *
   * @param type the elements' type in PostgreSQL
   */
  public static <T> SqlArrayValue array(
      String type, Collection<T> rows, Function<? super T, ? extends @Nullable Object> value) {
    return new SqlArrayValue(type, rows.stream().map(value).toArray());
  }
}
