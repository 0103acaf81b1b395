package dev.evenkeel.console;

import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.http.body.StrictJson;
import dev.evenkeel.http.body.VisibleText;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.InstrumentToken;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemType;
import java.util.Currency;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * A form with its idempotency key, as it was typed, and with what is wrong with it. The key is made
 * when the form is shown, so sending the form twice has one effect.
 */
public final class Form {

  static final String INSTRUMENT = "instrument";

  private static final String KEY = "key";

  /** The fields of problems that are reported on a whole request. */
  private static final Map<ProblemType, String> FIELDS =
      Map.of(
          LedgerProblem.INSUFFICIENT_FUNDS, "amount",
          LedgerProblem.SAME_ACCOUNT, "to",
          LedgerProblem.CURRENCY_MISMATCH, "to");

  /** The key of the button that sends a form once more, on purpose. */
  private static final String NEW_KEY = "newKey";

  private final Map<String, String> typed;
  private final Map<String, String> errors = new LinkedHashMap<>();
  private IdempotencyKey key;
  private @Nullable Problem problem;
  private @Nullable String notice;
  private @Nullable String sentAs;
  private boolean lookedUp;

  private Form(Map<String, String> typed, IdempotencyKey key) {
    this.typed = new HashMap<>(typed);
    this.key = key;
  }

  /** A form that was not sent yet, with a new key. */
  public static Form empty(Map<String, String> prefilled) {
    return new Form(prefilled, newRandomKey());
  }

  /** A form that was sent. Without a valid key it is refused, and gets a new one. */
  public static Form sent(Map<String, String> typed) {
    try {
      String given = typed.getOrDefault(NEW_KEY, typed.getOrDefault(KEY, ""));
      return new Form(typed, new IdempotencyKey(given));
    } catch (IllegalArgumentException invalid) {
      Form form = empty(typed);
      form.refuse(
          Problem.of(CommonProblem.IDEMPOTENCY_KEY_MISSING, "Nothing was sent. Send it again."));
      return form;
    }
  }

  /** A form that was sent when its session had ended, to be confirmed. */
  static Form kept(Map<String, String> typed) {
    Form form = sent(typed);
    form.notice =
        "Your session had ended before the form could be sent. Check it, then send it: it takes effect once.";
    return form;
  }

  private static IdempotencyKey newRandomKey() {
    return new IdempotencyKey(UUID.randomUUID().toString());
  }

  public String key() {
    return key.value();
  }

  public String value(String field) {
    return typed.getOrDefault(field, "");
  }

  public @Nullable String error(String field) {
    return errors.get(field);
  }

  public @Nullable Problem problem() {
    return problem;
  }

  public @Nullable String notice() {
    return notice;
  }

  /** Whether the form was sent before with other content, so that only a new key would send it. */
  public boolean isSentAlready() {
    return problem != null && problem.type() == CommonProblem.IDEMPOTENCY_KEY_REUSED;
  }

  /** Whether money may have moved; then sending the same form again is the way to find out. */
  public boolean isUnknown() {
    return problem != null && problem.type().effect() == ProblemType.Effect.UNKNOWN;
  }

  /** A key for sending the form once more on purpose; the same for each click on its button. */
  public String newKey() {
    return newRandomKey().value();
  }

  /** The page of what the form did when it was sent before; null if that was not found. */
  public @Nullable String sentAs() {
    return sentAs;
  }

  /** Whether it was looked up what the form did when it was sent before, and that was nothing. */
  public boolean wasRefused() {
    return lookedUp && sentAs == null;
  }

  void sentAs(@Nullable String page) {
    sentAs = page;
    lookedUp = true;
  }

  public boolean isValid() {
    return errors.isEmpty() && problem == null;
  }

  /** The HTTP status of the page that shows the form again. */
  public int status() {
    return problem == null ? HttpStatus.BAD_REQUEST.value() : problem.type().status();
  }

  /** Shows a problem at its fields. A key that is used up, because its refusal is kept, changes. */
  public void refuse(Problem refusal) {
    problem = refusal;
    refusal.errors().forEach(error -> errors.put(error.field(), error.message()));
    String field = FIELDS.get(refusal.type());
    if (field != null) {
      errors.put(field, refusal.type().title());
    }
    if (refusal.type().retry() == ProblemType.Retry.NEW_KEY && !isSentAlready()) {
      key = newRandomKey();
    }
  }

  /**
   * Makes the request that this form sends.
   *
   * @param content the form's name, then what it says; a text that may have several lines is last
   */
  public IdempotentRequest request(String owner, String... content) {
    return new IdempotentRequest(owner, key, Fingerprint.of(content));
  }

  /** Reads an id; null, with an error at the field, if it is none. */
  @Nullable UUID id(String field) {
    try {
      return StrictJson.uuid(value(field).strip());
    } catch (IllegalArgumentException invalid) {
      errors.put(field, "must be the id of an account");
      return null;
    }
  }

  /** Reads a provider's token. What could be a card number is forgotten. */
  String instrument() {
    String token = value(INSTRUMENT).strip();
    if (!InstrumentToken.isValid(token)) {
      typed.remove(INSTRUMENT);
      errors.put(INSTRUMENT, "must be the provider's token, and never a card number");
    }
    return token;
  }

  /** Reads an amount in minor units; null, with an error at the field, if it is none. */
  public @Nullable Long amount(String field, String currency) {
    try {
      return TypedAmount.parse(value(field), Currency.getInstance(currency));
    } catch (IllegalArgumentException invalid) {
      errors.put(field, String.valueOf(invalid.getMessage()));
      return null;
    }
  }

  /** Reads an optional text; null if nothing was typed. */
  @Nullable String text(String field, int maxLength) {
    String text = value(field).strip();
    if (text.codePointCount(0, text.length()) > maxLength) {
      errors.put(field, "must have at most " + maxLength + " characters");
    }
    return text.isEmpty() ? null : text;
  }

  /** Reads a name, which must be visible. */
  public String name(String field, int maxLength) {
    String name = text(field, maxLength);
    if (name == null || !name.matches(VisibleText.PATTERN)) {
      errors.put(field, VisibleText.MESSAGE);
    }
    return name == null ? "" : name;
  }

  /** Reads the code of a currency, in capitals or not. */
  public String currency(String field) {
    String code = value(field).strip().toUpperCase(Locale.ROOT);
    if (Money.currency(code).isEmpty()) {
      errors.put(field, "must be the code of a currency, such as EUR");
    }
    return code;
  }

  public void reject(String field, String message) {
    errors.put(field, message);
  }
}
