package dev.evenkeel.console;

import dev.evenkeel.http.Caller;
import dev.evenkeel.payments.InstrumentToken;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.WebUtils;

/**
 * A form that was sent when its session had ended. It is kept in the session of the next login, to
 * be shown again, with its idempotency key, and never sent by itself. The next such form replaces
 * it.
 *
 * @param typed the first value of each field that the forms have
 */
record KeptForm(String page, Map<String, String> typed) {

  private static final String ATTRIBUTE = "CONSOLE_FORM";
  private static final int MAX_CHARACTERS = 4096;

  /** The hidden field that names the person to whom the form was shown. */
  private static final String PERSON = "person";

  private static final Set<String> PAGES =
      Set.of(AccountForm.PAGE, TransferForm.PAGE, PaymentForms.PAY_IN, PaymentForms.PAY_OUT);

  /** Whoever sends the form need not be logged in, so nothing else is kept. */
  private static final Set<String> FIELDS =
      Set.of(
          "key",
          "newKey",
          PERSON,
          "name",
          "currency",
          "from",
          "to",
          "account",
          "amount",
          Form.INSTRUMENT,
          "description");

  /** Keeps a form of these pages, unless it is too long. */
  static void keep(HttpServletRequest request) {
    Map<String, String> typed = new LinkedHashMap<>();
    for (String field : FIELDS) {
      String value = request.getParameter(field);
      if (value != null) {
        typed.put(field, value);
      }
    }
    // It could be a card number
    typed.computeIfPresent(
        Form.INSTRUMENT, (_, text) -> InstrumentToken.isValid(text.strip()) ? text : null);
    int characters =
        typed.entrySet().stream()
            .mapToInt(field -> field.getKey().length() + field.getValue().length())
            .sum();
    if (PAGES.contains(request.getRequestURI()) && characters <= MAX_CHARACTERS) {
      request
          .getSession()
          .setAttribute(ATTRIBUTE, new KeptForm(request.getRequestURI(), Map.copyOf(typed)));
    } else {
      forget(request);
    }
  }

  /** Forgets the form that is kept: it was sent, or another was sent after it. */
  static void forget(HttpServletRequest request) {
    HttpSession session = request.getSession(false);
    if (session != null) {
      session.removeAttribute(ATTRIBUTE);
    }
  }

  /** Finds the form that is kept in the session of a request. */
  static @Nullable KeptForm of(HttpServletRequest request) {
    return (KeptForm) WebUtils.getSessionAttribute(request, ATTRIBUTE);
  }

  /** Whether the form is this page's, and this person filled it in. */
  boolean belongsTo(String page, Caller person) {
    return this.page.equals(page) && person.owner().equals(typed.get(PERSON));
  }
}
