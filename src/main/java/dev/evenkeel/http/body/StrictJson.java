package dev.evenkeel.http.body;

import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Reads request bodies strictly: no unknown or repeated fields, no numbers in quotes, no 12.5 or
 * 1e3 for a whole number, no text that the database cannot store. Only controllers read this way;
 * events and provider responses are read tolerantly.
 */
public final class StrictJson {

  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private StrictJson() {}

  /** Derives the mapper of the controllers: it reads strictly, and writes as the given one does. */
  public static JsonMapper from(JsonMapper mapper) {
    return mapper
        .rebuild()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .addModule(
            new SimpleModule("strict")
                .addDeserializer(String.class, new Text())
                .addKeyDeserializer(String.class, new TextKey())
                .addDeserializer(UUID.class, new StrictUuid())
                .addDeserializer(Long.class, new WholeNumber()))
        .build();
  }

  /** PostgreSQL cannot store U+0000, and UTF-8 has no lone surrogates. */
  public static boolean isStorable(String text) {
    return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  /**
   * Parses the canonical form of a UUID.
   *
   * @throws IllegalArgumentException for other forms, such as "1-1-1-1-1", which the JDK accepts,
   *     or base 64, which Jackson accepts
   */
  public static UUID uuid(String text) {
    if (!UUID_FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("not a UUID");
    }
    return UUID.fromString(text);
  }

  /** Tells whether a type is an id: a UUID, or a module's record of nothing but a UUID. */
  public static boolean isId(Class<?> type) {
    RecordComponent[] parts = type.getRecordComponents();
    return type == UUID.class
        || parts != null && parts.length == 1 && parts[0].getType() == UUID.class;
  }

  /**
   * Explains why a body was refused. Jackson's own messages are left out: they repeat what was
   * sent, which may be a card number.
   */
  public static Problem problem(JacksonException failure) {
    String field = path(failure);
    if (failure instanceof DatabindException && !field.isEmpty()) {
      return Problem.invalid(field, message(failure));
    }
    if (failure instanceof MismatchedInputException) {
      return Problem.of(CommonProblem.INVALID_REQUEST, "The body must be a single JSON object.");
    }
    TokenStreamLocation at = failure.getLocation();
    String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    return Problem.of(
        CommonProblem.INVALID_REQUEST, "The body is not well-formed JSON" + where + ".");
  }

  private static String path(JacksonException failure) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : failure.getPath()) {
      String name = step.getPropertyName();
      path.append(name == null ? "[" + step.getIndex() + "]" : path.isEmpty() ? name : "." + name);
    }
    return path.toString();
  }

  private static String message(JacksonException failure) {
    return switch (failure) {
      case UnrecognizedPropertyException _ -> "is not a known field";
      case InvalidFormatException e when e.getTargetType() == String.class ->
          "contains a character that cannot be stored";
      case MismatchedInputException e when e.getTargetType() == Long.class ->
          "must be a whole number";
      case MismatchedInputException e when e.getTargetType() == UUID.class -> "must be a UUID";
      default -> "has a value of the wrong type";
    };
  }

  private static final class Text extends StdDeserializer<String> {

    private Text() {
      super(String.class);
    }

    @Override
    public String deserialize(JsonParser parser, DeserializationContext context) {
      if (!parser.hasToken(JsonToken.VALUE_STRING)) {
        return context.reportInputMismatch(String.class, "not a text");
      }
      return storable(parser.getString(), context);
    }

    static String storable(String text, DeserializationContext context) {
      if (!isStorable(text)) {
        throw context.weirdStringException("", String.class, "not storable");
      }
      return text;
    }
  }

  private static final class TextKey extends KeyDeserializer {

    @Override
    public Object deserializeKey(String key, DeserializationContext context) {
      return Text.storable(key, context);
    }
  }

  private static final class StrictUuid extends StdDeserializer<UUID> {

    private StrictUuid() {
      super(UUID.class);
    }

    @Override
    public UUID deserialize(JsonParser parser, DeserializationContext context) {
      try {
        if (parser.hasToken(JsonToken.VALUE_STRING)) {
          return uuid(parser.getString());
        }
      } catch (IllegalArgumentException malformed) {
        // reported below, as a value of another type is
      }
      return context.reportInputMismatch(UUID.class, "not a UUID");
    }
  }

  /** Refuses an explicit null too, which is not the same as an absent field. */
  private static final class WholeNumber extends StdDeserializer<Long> {

    private WholeNumber() {
      super(Long.class);
    }

    @Override
    public Long deserialize(JsonParser parser, DeserializationContext context) {
      return parser.isExpectedNumberIntToken() && fits(parser)
          ? parser.getLongValue()
          : getNullValue(context);
    }

    private static boolean fits(JsonParser parser) {
      return switch (parser.getNumberType()) {
        case INT, LONG -> true;
        default -> false;
      };
    }

    @Override
    public @Nullable Object getAbsentValue(DeserializationContext context) {
      return null;
    }

    @Override
    public Long getNullValue(DeserializationContext context) {
      return context.reportInputMismatch(Long.class, "not a whole number");
    }
  }
}
