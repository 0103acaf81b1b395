package dev.evenkeel.platform;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What callers attach for themselves: up to 20 texts of up to 500, under keys of up to 40. */
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = Metadata.Limits.class)
public @interface Metadata {

  String message() default "may have 20 texts of 500 characters, under keys of 1 to 40";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** The limits. */
  class Limits implements ConstraintValidator<Metadata, Map<String, String>> {

    @Override
    public boolean isValid(
        @Nullable Map<String, String> metadata, ConstraintValidatorContext context) {
      return metadata == null
          || metadata.size() <= 20 && metadata.entrySet().stream().allMatch(Limits::isWithinLimits);
    }

    private static boolean isWithinLimits(Map.Entry<String, @Nullable String> entry) {
      String value = entry.getValue();
      return !entry.getKey().isEmpty()
          && entry.getKey().length() <= 40
          && value != null
          && value.length() <= 500;
    }
  }
}
