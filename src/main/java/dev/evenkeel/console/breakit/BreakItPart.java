package dev.evenkeel.console.breakit;

import dev.evenkeel.console.ConsolePart;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;

/** A bean of the page "Break it", which needs the provider's simulator and is off by default. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ConsolePart // not repeated here: of two conditions of one type, Boot would evaluate the first only
@ConditionalOnBooleanProperty("evenkeel.console.break-it")
@ConditionalOnProperty(
    name = "evenkeel.payments.provider.type",
    havingValue = "simulator",
    matchIfMissing = true)
public @interface BreakItPart {}
