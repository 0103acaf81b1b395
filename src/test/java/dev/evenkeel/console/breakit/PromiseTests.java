package dev.evenkeel.console.breakit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration; // part of notifications
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The details of promises. */
class PromiseTests {

  private final Locale usual = Locale.getDefault();

  @AfterEach
  void restore() {
    Locale.setDefault(usual);
  }

  @ParameterizedTest
  @ValueSource(strings = {"de-DE", "ar-EG-u-nu-arab"})
  void areInEnglishInEveryLocale(String locale) {
    Locale.setDefault(Locale.forLanguageTag(locale));
    Instant now = Instant.now();

    assertThat(Promise.kept("all", now.minusSeconds(7200)).summary()).startsWith("all, 7,20");
    assertThat(BooksBalance.promise(BooksBalanceTests.report(1204)).detail())
        .isEqualTo("1,204 entries audited");
    assertThat(new Comparison().promise(true, now, now).detail()).isEqualTo("0 compared");
    // part of notifications
    assertThat(ToldOnceInTime.inTime(Duration.ofMillis(1500), 0, now).detail())
        .isEqualTo("1.5 s behind");
    // end of notifications
  }
}
