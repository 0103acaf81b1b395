package dev.evenkeel.payments;

import dev.evenkeel.payments.state.BookedMoney;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads and writes the fields of entities, as Hibernate does. */
final class EntityState {

  private static final ClassValue<List<Field>> FIELDS =
      new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
          return Stream.of(type.getDeclaredFields())
              .filter(it -> !Modifier.isStatic(it.getModifiers()))
              .peek(it -> it.setAccessible(true))
              .toList();
        }
      };

  private static final ClassValue<Constructor<?>> CONSTRUCTORS =
      new ClassValue<>() {
        @Override
        protected Constructor<?> computeValue(Class<?> type) {
          try {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor;
          } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
          }
        }
      };

  private EntityState() {}

  private static List<Field> fields(Class<?> type) {
    return FIELDS.get(type);
  }

  private static boolean isMutable(Object value) {
    Class<?> type = value.getClass();
    return type.getName().startsWith("dev.evenkeel.") && !type.isRecord() && !type.isEnum();
  }

  /** Copies an entity with its embedded objects and its lists. */
  @SuppressWarnings("unchecked")
  static <T> T copy(T entity) {
    try {
      Object copy = CONSTRUCTORS.get(entity.getClass()).newInstance();
      for (Field field : fields(entity.getClass())) {
        field.set(copy, copyOfValue(field.get(entity)));
      }
      return (T) copy;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static @Nullable Object copyOfValue(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Map<?, ?> map -> new HashMap<>(map);
      case Collection<?> list ->
          new ArrayList<>(list.stream().map(EntityState::copyOfValue).toList());
      case Object it when isMutable(it) -> copy(it);
      case Object it -> it;
    };
  }

  static boolean isEqual(Object one, Object other) {
    return fields(one.getClass()).stream()
        .allMatch(it -> isEqualValue(get(one, it), get(other, it)));
  }

  private static boolean isEqualValue(@Nullable Object one, @Nullable Object other) {
    return one != null && other != null && isMutable(one)
        ? isEqual(one, other)
        : Objects.equals(one, other);
  }

  /** Writes the fields that differ to another copy; embedded objects as a whole, as Hibernate. */
  static void write(Object before, Object after, Object to) {
    for (Field field : fields(before.getClass())) {
      Object now = get(after, field);
      if (!isEqualValue(get(before, field), now)) {
        set(to, field, copyOfValue(now));
      }
    }
  }

  static @Nullable Object get(Object entity, String name) {
    return get(entity, field(entity, name));
  }

  private static @Nullable Object get(Object entity, Field field) {
    try {
      return field.get(entity);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  static void set(Object entity, String name, @Nullable Object value) {
    set(entity, field(entity, name), value);
  }

  private static void set(Object entity, Field field, @Nullable Object value) {
    try {
      field.set(entity, value);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Field field(Object entity, String name) {
    for (Field field : fields(entity.getClass())) {
      if (field.getName().equals(name)) {
        return field;
      }
    }
    throw new IllegalArgumentException(name);
  }

  static BookedMoney money(Payment payment) {
    return (BookedMoney) Objects.requireNonNull(get(payment, "money"));
  }
}
