package dev.evenkeel.platform;

import jakarta.validation.Validator;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** A body as it was sent: a JSON object whose texts are texts. */
record JsonBody(JsonNode root) {

  static JsonBody parse(byte[] bytes) {
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      JsonNode json = StrictJson.MAPPER.readTree(text.toString());
      if (!json.isObject()) {
        throw new ProblemException(malformed("The body must be a JSON object."));
      }
      requireText("", json);
      return new JsonBody(json);
    } catch (CharacterCodingException notUtf8) {
      throw new ProblemException(malformed("The body is not UTF-8."));
    } catch (JacksonException notJson) {
      // Without Jackson's words, which repeat what was sent: it may be a card number.
      TokenStreamLocation at = notJson.getLocation();
      String where =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw new ProblemException(malformed("The body is not well-formed JSON" + where + "."));
    }
  }

  /** PostgreSQL stores no U+0000, and UTF-8 has no lone surrogates. */
  private static void requireText(String path, JsonNode node) {
    if (node.isString() && !isText(node.stringValue())) {
      throw new ProblemException(Problem.invalid(path, "has a character that is no text"));
    }
    for (var field : node.properties()) {
      String name = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
      if (!isText(field.getKey())) {
        throw new ProblemException(malformed("A field's name has a character that is no text."));
      }
      requireText(name, field.getValue());
    }
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        requireText(path + "[" + i + "]", node.get(i));
      }
    }
  }

  static boolean isText(String value) {
    return value.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(value);
  }

  /**
   * @throws ProblemException 400 for what does not fit the type or its constraints
   */
  <T> T as(Class<T> type, Validator validator) {
    T value;
    try {
      value = StrictJson.MAPPER.treeToValue(root, type);
    } catch (DatabindException unfit) {
      throw new ProblemException(Problem.invalid(path(unfit), message(unfit)));
    }
    List<Problem.FieldError> errors =
        validator.validate(value).stream()
            .map(v -> new Problem.FieldError(v.getPropertyPath().toString(), v.getMessage()))
            .sorted(Comparator.comparing(Problem.FieldError::field))
            .toList();
    if (!errors.isEmpty()) {
      throw new ProblemException(Problem.invalid(errors));
    }
    return value;
  }

  private static String path(DatabindException unfit) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : unfit.getPath()) {
      String name = step.getPropertyName();
      path.append(name == null ? "[" + step.getIndex() + "]" : path.isEmpty() ? name : "." + name);
    }
    return path.toString();
  }

  private static String message(DatabindException unfit) {
    return switch (unfit) {
      case UnrecognizedPropertyException _ -> "is not a known field";
      case InvalidFormatException e when e.getOriginalMessage().startsWith("must ") ->
          e.getOriginalMessage();
      default -> "has a value of the wrong type";
    };
  }

  static Problem malformed(String detail) {
    return Problem.of(CommonProblem.INVALID_REQUEST, detail);
  }
}
