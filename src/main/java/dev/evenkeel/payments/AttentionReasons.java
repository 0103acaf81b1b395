package dev.evenkeel.payments;

import static java.util.Comparator.naturalOrder;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All reasons why a payment needs a decision.
 *
 * @param names also of reasons that only a newer release knows, which are kept for it
 */
record AttentionReasons(Set<String> names) {

  static final AttentionReasons NONE = new AttentionReasons(Set.of());

  boolean isEmpty() {
    return names.isEmpty();
  }

  boolean contains(Attention reason) {
    return names.contains(reason.name());
  }

  /** The reason that is shown; null if there is none. */
  @Nullable Attention mostUrgent() {
    return names.stream().map(AttentionReasons::read).min(naturalOrder()).orElse(null);
  }

  private static Attention read(String name) {
    return ReadableEnum.read(name, Attention.UNREADABLE);
  }

  AttentionReasons and(Attention reason) {
    return new AttentionReasons(
        Stream.concat(names.stream(), Stream.of(reason.name())).collect(Collectors.toSet()));
  }

  /** A decision ends all reasons, except unknown ones, and money in suspense beside others. */
  AttentionReasons afterDecision() {
    return new AttentionReasons(
        names.stream().filter(this::outlivesDecision).collect(Collectors.toSet()));
  }

  private boolean outlivesDecision(String name) {
    Attention reason = read(name);
    return !reason.name().equals(name) || reason == Attention.UNPLACED && names.size() > 1;
  }

  @Converter(autoApply = true)
  static final class Stored implements AttributeConverter<AttentionReasons, String[]> {

    @Override
    public String @Nullable [] convertToDatabaseColumn(AttentionReasons attention) {
      return attention.isEmpty()
          ? null
          : attention.names().stream().sorted().toArray(String[]::new);
    }

    @Override
    public AttentionReasons convertToEntityAttribute(String @Nullable [] names) {
      return names == null ? NONE : new AttentionReasons(Set.of(names));
    }
  }
}
