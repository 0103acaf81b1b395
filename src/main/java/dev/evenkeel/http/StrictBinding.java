package dev.evenkeel.http;

import dev.evenkeel.http.body.StrictJson;
import java.beans.PropertyEditorSupport;
import java.lang.reflect.RecordComponent;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.core.ResolvableType;
import org.springframework.web.bind.WebDataBinder;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.InitBinder;
import org.springframework.web.servlet.support.ExtendedServletRequestDataBinder;

/**
 * Reads UUIDs and enum constants strictly. These are property editors, because Spring falls back to
 * its own lenient ones when a converter rejects a value.
 */
@ControllerAdvice
class StrictBinding {

  @InitBinder
  void register(WebDataBinder binder) {
    if (binder instanceof ExtendedServletRequestDataBinder parameters) {
      parameters.setHeaderPredicate(_ -> false); // only the query binds, not headers
    }
    binder.registerCustomEditor(UUID.class, new Reader(StrictJson::uuid));
    ResolvableType target = binder.getTargetType();
    RecordComponent[] components = target == null ? null : target.toClass().getRecordComponents();
    Stream.ofNullable(components)
        .flatMap(Stream::of)
        .map(RecordComponent::getType)
        .filter(Class::isEnum)
        .forEach(
            type -> binder.registerCustomEditor(type, new Reader(word -> constant(type, word))));
  }

  /** An enum constant in lower case, such as {@code status=held}. */
  private static Object constant(Class<?> type, String word) {
    return Stream.of(type.getEnumConstants())
        .filter(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).equals(word))
        .findFirst()
        .orElseThrow(IllegalArgumentException::new);
  }

  private static final class Reader extends PropertyEditorSupport {

    private final Function<String, Object> read;

    Reader(Function<String, Object> read) {
      this.read = read;
    }

    @Override
    public void setAsText(String text) {
      setValue(read.apply(text));
    }
  }
}
