package dev.evenkeel.database;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;
import org.postgresql.util.PGBinaryObject;
import org.postgresql.util.PGobject;
import org.springframework.jdbc.support.SqlArrayValue;

/**
 * Turns columns of rows into array parameters for {@code unnest}, so that one statement handles any
 * number of rows. They are sent in binary, which is cheaper than text.
 */
public final class SqlArrays {

  private SqlArrays() {}

  public static Object uuids(Collection<UUID> values) {
    return uuids(values, Function.identity());
  }

  public static <T> Object uuids(
      Collection<T> rows, Function<? super T, ? extends @Nullable UUID> value) {
    return new UuidArray(rows.stream().map(value).toArray(UUID[]::new));
  }

  public static <T> SqlArrayValue texts(
      Collection<T> rows, Function<? super T, ? extends @Nullable String> value) {
    return new SqlArrayValue("text", (Object[]) rows.stream().map(value).toArray(String[]::new));
  }

  public static <T> SqlArrayValue numbers(
      Collection<T> rows, Function<? super T, ? extends @Nullable Long> value) {
    return new SqlArrayValue("bigint", (Object[]) rows.stream().map(value).toArray(Long[]::new));
  }

  public static <T> SqlArrayValue bytes(
      Collection<T> rows, Function<? super T, byte @Nullable []> value) {
    return new SqlArrayValue("bytea", (Object[]) rows.stream().map(value).toArray(byte[][]::new));
  }

  /**
   * An array of any type, as text.
   *
   * @param type the elements' type in PostgreSQL
   */
  public static <T> SqlArrayValue array(
      String type, Collection<T> rows, Function<? super T, ? extends @Nullable Object> value) {
    return new SqlArrayValue(type, rows.stream().map(value).toArray());
  }

  /**
   * A {@code uuid[]}, which the driver itself sends as text. In binary only if the connection's
   * property {@code binaryTransferEnable} names the type.
   */
  private static final class UuidArray extends PGobject implements PGBinaryObject {

    private static final long serialVersionUID = 1;

    private final @Nullable UUID[] elements;

    UuidArray(@Nullable UUID[] elements) {
      this.elements = elements;
      type = "_uuid";
    }

    @Override
    public int lengthInBytes() {
      int present = (int) Stream.of(elements).filter(Objects::nonNull).count();
      return 5 * Integer.BYTES + elements.length * Integer.BYTES + present * 2 * Long.BYTES;
    }

    @Override
    public void toBytes(byte[] bytes, int offset) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, lengthInBytes());
      // One dimension that may contain nulls, with indexes from 1
      buffer.putInt(1).putInt(1).putInt(Oid.UUID).putInt(elements.length).putInt(1);
      for (UUID element : elements) {
        if (element == null) {
          buffer.putInt(-1);
        } else {
          buffer.putInt(2 * Long.BYTES);
          buffer.putLong(element.getMostSignificantBits());
          buffer.putLong(element.getLeastSignificantBits());
        }
      }
    }

    @Override
    public void setByteValue(byte[] value, int offset) {
      throw new UnsupportedOperationException("only sent");
    }

    @Override
    public String getValue() {
      return Stream.of(elements).map(String::valueOf).collect(Collectors.joining(",", "{", "}"));
    }
  }
}
