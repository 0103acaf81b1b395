package dev.evenkeel.console;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;

/**
 * The page that asks once before an action: what it is about, what it will do, and a button.
 *
 * @param effect what the action will do
 * @param button its name
 * @param path where the form is sent
 * @param back the page that it returns to, also when it is not confirmed
 * @param facts what the action is about, by their labels
 * @param fields sent with the form
 */
public record Confirmation(
    String title,
    String effect,
    String button,
    String path,
    String back,
    Map<String, String> facts,
    Map<String, String> fields) {

  /** The field that says that a form was confirmed. */
  public static final String CONFIRMED = "confirmed";

  public Confirmation(String title, String effect, String button, String path, String back) {
    this(title, effect, button, path, back, new LinkedHashMap<>(), new LinkedHashMap<>());
  }

  /** Adds a fact, unless there is none. */
  public Confirmation about(String label, @Nullable Object fact) {
    if (fact != null && !fact.toString().isEmpty()) {
      facts.put(label, fact.toString());
    }
    return this;
  }

  public Confirmation with(String field, String value) {
    fields.put(field, value);
    return this;
  }

  /** Sends a form's fields again, with its key. */
  public Confirmation with(Form form, String... names) {
    for (String name : names) {
      fields.put(name, form.value(name));
    }
    return with("key", form.key()).with(CONFIRMED, "yes");
  }

  public String show(Model model) {
    model.addAttribute("ask", this);
    return "confirm";
  }
}
