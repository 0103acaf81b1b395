package dev.evenkeel.http;

import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * Reads what callers send, and takes nothing for what it is not: no unknown and no twice named
 * field, no number in quotes, no text without, no 12.5 or 1e3 for a whole number. Only for the
 * bodies of controllers; events and the provider's answers are read tolerantly.
 */
final class StrictJson {

  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              config -> {
                config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                config.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                config.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
              })
          .addModule(
              new SimpleModule()
                  .addDeserializer(UUID.class, new StrictUuid())
                  .addDeserializer(Long.class, new WholeNumber()))
          .build();

  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private StrictJson() {}

  /**
   * @throws IllegalArgumentException for anything else, such as "1-1-1-1-1", which the JDK reads
   *     too, or base 64, which Jackson does
   */
  static UUID uuid(String text) {
    if (!UUID_FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("no UUID");
    }
    return UUID.fromString(text);
  }

  private static final class StrictUuid extends StdDeserializer<UUID> {

    private StrictUuid() {
      super(UUID.class);
    }

    @Override
    public UUID deserialize(JsonParser parser, DeserializationContext context) {
      try {
        return uuid(context.readValue(parser, String.class));
      } catch (IllegalArgumentException malformed) {
        return context.reportInputMismatch(this, "no UUID");
      }
    }
  }

  /** Also refuses an explicit null, which is not the same as an absent field. */
  private static final class WholeNumber extends StdDeserializer<Long> {

    private WholeNumber() {
      super(Long.class);
    }

    @Override
    public Long deserialize(JsonParser parser, DeserializationContext context) {
      return parser.isExpectedNumberIntToken() ? parser.getLongValue() : getNullValue(context);
    }

    @Override
    public @Nullable Object getAbsentValue(DeserializationContext context) {
      return null;
    }

    @Override
    public Long getNullValue(DeserializationContext context) {
      return context.reportInputMismatch(this, "no whole number");
    }
  }
}
