package dev.evenkeel.http;

import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import jakarta.validation.Validator;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** A body as it was sent: a JSON object whose texts are texts. */
record JsonBody(JsonNode root) {

  private static final String WHOLE_NUMBER = "must be a whole number";

  static JsonBody parse(byte[] bytes) {
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      JsonNode json = StrictJson.MAPPER.readTree(text.toString());
      if (!json.isObject()) {
        throw malformed("The body must be a JSON object.");
      }
      requireText("", json);
      return new JsonBody(json);
    } catch (CharacterCodingException notUtf8) {
      throw malformed("The body is not UTF-8.");
    } catch (JacksonException notJson) {
      // Without Jackson's words, which repeat what was sent: it may be a card number.
      TokenStreamLocation at = notJson.getLocation();
      String where =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw malformed("The body is not well-formed JSON" + where + ".");
    }
  }

  /** PostgreSQL stores no U+0000, and UTF-8 has no lone surrogates. */
  private static void requireText(String path, JsonNode node) {
    if (node.isString() && !isText(node.stringValue())) {
      throw ProblemException.invalid(path, "has a character that is no text");
    }
    for (var field : node.properties()) {
      String name = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
      if (!isText(field.getKey())) {
        throw malformed("A field's name has a character that is no text.");
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
    } catch (JacksonException unfit) {
      throw ProblemException.invalid(path(unfit), message(unfit));
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

  private static String path(JacksonException unfit) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : unfit.getPath()) {
      String name = step.getPropertyName();
      path.append(name == null ? "[" + step.getIndex() + "]" : path.isEmpty() ? name : "." + name);
    }
    return path.toString();
  }

  private static String message(JacksonException unfit) {
    return switch (unfit) {
      case UnrecognizedPropertyException _ -> "is not a known field";
      case InputCoercionException _ -> WHOLE_NUMBER;
      case MismatchedInputException e when e.getTargetType() == Long.class -> WHOLE_NUMBER;
      case MismatchedInputException e when e.getTargetType() == UUID.class -> "must be a UUID";
      default -> "has a value of the wrong type";
    };
  }

  static ProblemException malformed(String detail) {
    return new ProblemException(CommonProblem.INVALID_REQUEST, detail);
  }
}
