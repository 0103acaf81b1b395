package dev.evenkeel.money;

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

/** Requires a currency code that {@link Money#currency} knows. */
@Target({ElementType.FIELD, ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
@Retention(RetentionPolicy.RUNTIME)
@Pattern(regexp = "[A-Z]{3}") @ReportAsSingleViolation
@Constraint(validatedBy = IsoCurrency.Known.class)
public @interface IsoCurrency {

  String message() default "must be an ISO 4217 code in capitals of a currency with minor units";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  class Known implements ConstraintValidator<IsoCurrency, String> {

    @Override
    public boolean isValid(@Nullable String code, ConstraintValidatorContext context) {
      return code == null || Money.currency(code).isPresent();
    }
  }
}
