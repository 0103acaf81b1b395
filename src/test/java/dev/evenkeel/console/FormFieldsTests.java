package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemType;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a form keeps, and what it says about its fields. */
class FormFieldsTests {

  private static final String KEY = "a-key";

  private static Form sent(String field, String value) {
    return Form.sent(Map.of("key", KEY, field, value));
  }

  private static Form refused(ProblemType type) {
    Form form = sent("amount", "1");
    form.refuse(Problem.of(type, "No."));
    return form;
  }

  @Test
  void takesANewKeyWhenTheOldOneIsUsedUp() {
    assertThat(refused(LedgerProblem.INSUFFICIENT_FUNDS).key()).isNotEqualTo(KEY);
    assertThat(refused(LedgerProblem.ACCOUNT_FROZEN).key()).isNotEqualTo(KEY);
  }

  @Test
  void showsAProblemOfTheAmountAtTheAmount() {
    assertThat(refused(LedgerProblem.INSUFFICIENT_FUNDS).error("amount"))
        .isEqualTo("Insufficient funds");
    assertThat(refused(LedgerProblem.ACCOUNT_FROZEN).error("amount")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"OUTCOME_UNKNOWN", "REQUEST_IN_PROGRESS", "BUSY", "INTERNAL_ERROR"})
  void keepsTheKeyWhenTheOutcomeIsOpen(CommonProblem problem) {
    assertThat(refused(problem).key()).isEqualTo(KEY);
  }

  @Test
  void keepsTheKeyOfARefusalThatIsNotKept() {
    assertThat(refused(LedgerProblem.ACCOUNT_NOT_FOUND).key()).isEqualTo(KEY);
  }

  @Test
  void takesANewKeyOnPurposeOnly() {
    Form form = refused(CommonProblem.IDEMPOTENCY_KEY_REUSED);

    assertThat(form.isSentAlready()).isTrue();
    assertThat(form.key()).isEqualTo(KEY);
    assertThat(Form.sent(Map.of("key", KEY, "newKey", "another")).key()).isEqualTo("another");
  }

  @ParameterizedTest
  @CsvSource({"''", "has spaces", "ключ"})
  void isNotSentWithoutAKey(String key) {
    Form form = Form.sent(Map.of("key", key));

    assertThat(form.isValid()).isFalse();
    assertThat(form.key()).isNotEqualTo(key).isNotEmpty();
  }

  /** The JDK would read the first one as an id. */
  @ParameterizedTest
  @ValueSource(strings = {"1-1-1-1-1", "x"})
  void readsNoIdInAnotherForm(String id) {
    Form form = sent("to", id);

    assertThat(form.id("to")).isNull();
    assertThat(form.error("to")).isEqualTo("must be the id of an account");
  }

  @Test
  void showsAProblemAtItsField() {
    Form form = sent("to", "x");
    form.refuse(LedgerProblem.accountNotFound("to"));

    assertThat(form.error("to")).isEqualTo("is not an account that this request may use");
    assertThat(form.value("to")).isEqualTo("x");
  }

  @Test
  void forgetsWhatCouldBeACardNumber() {
    Form form = sent("instrument", "4111111111111111");
    form.instrument();

    assertThat(form.error("instrument")).contains("card number");
    assertThat(form.value("instrument")).isEmpty();
  }

  @Test
  void readsTexts() {
    assertThat(sent("description", "  Rent ").text("description", 4)).isEqualTo("Rent");
    assertThat(sent("description", " ").text("description", 4)).isNull();
    Form tooLong = sent("description", "Rents");
    tooLong.text("description", 4);
    assertThat(tooLong.error("description")).isEqualTo("must have at most 4 characters");
  }

  @Test
  void readsNamesAndCurrencies() {
    assertThat(sent("currency", " eur").currency("currency")).isEqualTo("EUR");
    Form gold = sent("currency", "XAU");
    gold.currency("currency");
    assertThat(gold.error("currency")).contains("such as EUR");
    Form invisible = sent("name", "\u200b");
    invisible.name("name", 100);
    assertThat(invisible.error("name")).isEqualTo("must have a visible character");
  }
}
