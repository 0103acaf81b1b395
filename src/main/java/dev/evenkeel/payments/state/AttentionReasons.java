package dev.evenkeel.payments.state;

import dev.evenkeel.payments.Attention;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All reasons why a payment needs a decision. */
public record AttentionReasons(Set<Attention> reasons) {

  public static final AttentionReasons NONE = new AttentionReasons(Set.of());

  public boolean isEmpty() {
    return reasons.isEmpty();
  }

  public boolean contains(Attention reason) {
    return reasons.contains(reason);
  }

  /** The reason that is shown; null if there is none. */
  public @Nullable Attention mostUrgent() {
    return reasons.isEmpty() ? null : new TreeSet<>(reasons).first();
  }

  public AttentionReasons and(Attention reason) {
    return new AttentionReasons(
        Stream.concat(reasons.stream(), Stream.of(reason)).collect(Collectors.toSet()));
  }

  /** A decision ends all reasons, but {@code UNPLACED} stays unless it was the only one. */
  public AttentionReasons afterDecision() {
    return contains(Attention.UNPLACED) && reasons.size() > 1 ? NONE.and(Attention.UNPLACED) : NONE;
  }

  @Converter(autoApply = true)
  static final class Stored implements AttributeConverter<AttentionReasons, String[]> {

    @Override
    public String @Nullable [] convertToDatabaseColumn(AttentionReasons attention) {
      return attention.isEmpty()
          ? null
          : attention.reasons().stream().map(Enum::name).sorted().toArray(String[]::new);
    }

    @Override
    public AttentionReasons convertToEntityAttribute(String @Nullable [] names) {
      return names == null
          ? NONE
          : new AttentionReasons(
              Stream.of(names)
                  .map(it -> ReadableEnum.read(it, Attention.UNREADABLE))
                  .collect(Collectors.toSet()));
    }
  }
}
