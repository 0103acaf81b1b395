package dev.evenkeel.payments.state;

import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.provider.FollowUp;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stores an enum by name and reads names that this release does not know, because a newer release
 * wrote them before it was rolled back. Such a payment can be listed, but not locked for a change.
 */
public abstract class ReadableEnum<E extends Enum<E>> implements AttributeConverter<E, String> {

  private final E unreadable;

  ReadableEnum(E unreadable) {
    this.unreadable = unreadable;
  }

  @Override
  public @Nullable String convertToDatabaseColumn(@Nullable E constant) {
    return constant == null ? null : constant.name();
  }

  @Override
  public @Nullable E convertToEntityAttribute(@Nullable String name) {
    return name == null ? null : read(name, unreadable);
  }

  /**
   * Finds a constant by its name; {@code unreadable} for a name that this release does not know.
   */
  public static <E extends Enum<E>> E read(String name, E unreadable) {
    return Stream.of(unreadable.getDeclaringClass().getEnumConstants())
        .filter(it -> it.name().equals(name))
        .findFirst()
        .orElse(unreadable);
  }

  @Converter(autoApply = true)
  static final class StoredStatus extends ReadableEnum<PaymentStatus> {
    StoredStatus() {
      super(PaymentStatus.UNREADABLE);
    }
  }

  @Converter(autoApply = true)
  static final class StoredMovement extends ReadableEnum<Movement.Kind> {
    StoredMovement() {
      super(Movement.Kind.UNREADABLE);
    }
  }

  @Converter(autoApply = true)
  static final class StoredFollowUp extends ReadableEnum<FollowUp> {
    StoredFollowUp() {
      super(FollowUp.UNREADABLE);
    }
  }

  @Converter(autoApply = true)
  static final class StoredKind extends ReadableEnum<PaymentKind> {
    StoredKind() {
      super(PaymentKind.UNREADABLE);
    }
  }
}
