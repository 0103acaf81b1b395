package dev.drills;

import dev.evenkeel.Evenkeel;
import dev.testing.TestServices;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;

/** A test of the application under load, with the settings that production has. */
@Tag("drill")
@SpringBootTest(
    classes = Evenkeel.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = "evenkeel.accounts.max-overdraft=1000000000000")
@Import(TestServices.class)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Drill {}
