package dev.evenkeel.payments.web;

import dev.evenkeel.payments.InstrumentToken;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import jakarta.validation.ReportAsSingleViolation;
import jakarta.validation.constraints.Pattern;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;

/**
 * The provider's token for a card or an account. What could be a card number is refused, and never
 * repeated in an answer or a log.
 */
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
@Retention(RetentionPolicy.RUNTIME)
@Pattern(regexp = "[A-Za-z0-9_-]{1,200}") @ReportAsSingleViolation
@Constraint(validatedBy = Instrument.Token.class)
@interface Instrument {

  String message() default
      "must be the provider's token: 1 to 200 letters, digits, '_' or '-', and no card number";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Tells tokens from card numbers. */
  class Token implements ConstraintValidator<Instrument, String> {

    @Override
    public boolean isValid(@Nullable String value, ConstraintValidatorContext context) {
      return value == null || InstrumentToken.isValid(value);
    }
  }
}
