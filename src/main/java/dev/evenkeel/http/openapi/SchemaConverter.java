package dev.evenkeel.http.openapi;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.Schema;
import jakarta.validation.Validator;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.validation.metadata.BeanDescriptor;
import jakarta.validation.metadata.ConstraintDescriptor;
import jakarta.validation.metadata.ElementDescriptor;
import jakarta.validation.metadata.PropertyDescriptor;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * Completes the schemas that springdoc derives: names of nested types, words of enums, required
 * fields, all Bean Validation constraints, and no further fields than those.
 */
final class SchemaConverter implements ModelConverter {

  private static final Map<String, Object> EXAMPLES =
      Map.ofEntries(
          Map.entry("name", "Ada"),
          Map.entry("currency", "EUR"),
          Map.entry("amount", 1250),
          Map.entry("overdraftLimit", 0),
          Map.entry("description", "Lunch"),
          Map.entry("reference", "invoice-17"),
          Map.entry("metadata", Map.of("order", "17")),
          Map.entry("instrument", "tok_ok"),
          Map.entry("kind", "pay_in"),
          Map.entry("expiresIn", 3600),
          Map.entry("url", "https://example.com/webhooks"),
          Map.entry("outcome", "succeeded"),
          Map.entry("reason", "Confirmed by the provider's support"));

  private final JsonMapper json;
  private final Validator validator;

  SchemaConverter(JsonMapper json, Validator validator) {
    this.json = json;
    this.validator = validator;
  }

  @Override
  public boolean isOpenapi31() {
    return true;
  }

  @Override
  public @Nullable Schema<?> resolve(
      AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
    var javaType = Json.mapper().constructType(type.getType());
    Class<?> raw = javaType.getRawClass();
    if (raw.isEnum()) {
      return words(raw);
    }
    if (raw == byte[].class) {
      return new JsonSchema(); // a body that the controller reads itself
    }
    boolean ours = raw.getName().startsWith("dev.evenkeel.");
    if (ours) {
      type.setName(name(raw, javaType.containedTypeOrUnknown(0).getRawClass()));
    }
    Schema<?> schema = chain.hasNext() ? chain.next().resolve(type, context, chain) : null;
    if (ours && schema != null) {
      Schema<?> model =
          schema.get$ref() == null ? schema : context.getDefinedModels().get(type.getName());
      if (model != null && isObject(model, raw)) {
        complete(model, raw);
      }
    }
    return schema;
  }

  private Schema<?> words(Class<?> type) {
    Schema<Object> schema = Schemas.string();
    Stream.of(type.getEnumConstants())
        .filter(constant -> !isHidden(type, ((Enum<?>) constant).name()))
        .forEach(constant -> schema.addEnumItemObject(json.convertValue(constant, String.class)));
    return schema;
  }

  private static boolean isHidden(Class<?> type, String constant) {
    Field field = ReflectionUtils.findField(type, constant);
    return field != null && field.isAnnotationPresent(Hidden.class);
  }

  /** Names a type: nested ones after the outer type, unless that is a controller. */
  private static String name(Class<?> type, Class<?> element) {
    Class<?> outer = type.getEnclosingClass();
    String name =
        outer == null || outer.getSimpleName().endsWith("Controller")
            ? type.getSimpleName()
            : name(outer, Object.class) + type.getSimpleName();
    return type.getTypeParameters().length == 0 ? name : name(element, Object.class) + "Page";
  }

  /** Ids are records that JSON shows as texts. */
  private static boolean isObject(Schema<?> model, Class<?> type) {
    return model.getProperties() != null
        || type.isRecord() && type.getRecordComponents().length == 0;
  }

  private void complete(Schema<?> model, Class<?> type) {
    model.addType("object");
    model.setAdditionalProperties(false);
    model.setRequired(null);
    BeanDescriptor constraints = validator.getConstraintsForClass(type);
    if (model.getProperties() == null) {
      return;
    }
    model
        .getProperties()
        .forEach((name, property) -> {
          PropertyDescriptor constrained = constraints.getConstraintsForProperty(name);
          if (constrained != null) {
            constrain(property, constrained);
            setExample(property, EXAMPLES.get(name));
          }
          if (name.equals("problem")) {
            model.getProperties().replace(name, Schemas.ref("Problem"));
          }
          Member member = Member.of(type, name);
          if (!member.nullable || member.always) {
            model.addRequiredItem(name);
          }
          if (member.nullable && member.always) {
            property.addType("null");
          }
        });
  }

  @SuppressWarnings("unchecked")
  private static void setExample(Schema<?> property, @Nullable Object example) {
    if (example != null) {
      ((Schema<Object>) property).setExamples(List.of(example));
    }
  }

  private record Member(boolean nullable, boolean always) {

    static Member of(Class<?> type, String name) {
      for (RecordComponent component : nonNull(type.getRecordComponents())) {
        if (component.getName().equals(name)) {
          return of(component.getAccessor(), component.getAnnotatedType());
        }
      }
      String getter = "get" + StringUtils.capitalize(name);
      for (Method method : type.getMethods()) {
        if (method.getName().equals(getter)) {
          return of(method, method.getAnnotatedReturnType());
        }
      }
      throw new IllegalStateException(type + " has no " + name);
    }

    private static RecordComponent[] nonNull(RecordComponent @Nullable [] components) {
      return components == null ? new RecordComponent[0] : components;
    }

    private static Member of(
        AnnotatedElement element, java.lang.reflect.AnnotatedType annotatedType) {
      JsonInclude include = element.getAnnotation(JsonInclude.class);
      return new Member(
          annotatedType.isAnnotationPresent(Nullable.class)
              || include != null && include.value() == JsonInclude.Include.NON_DEFAULT,
          include != null && include.value() == JsonInclude.Include.ALWAYS);
    }
  }

  /** Applies the constraints of an element, composed ones included, and those of its contents. */
  static void constrain(Schema<?> schema, ElementDescriptor element) {
    for (ConstraintDescriptor<?> constraint : all(element.getConstraintDescriptors())) {
      switch (constraint.getAnnotation()) {
        case Min min -> schema.setMinimum(BigDecimal.valueOf(min.value()));
        case Max max -> schema.setMaximum(BigDecimal.valueOf(max.value()));
        case Pattern pattern -> schema.setPattern("^(?:" + pattern.regexp() + ")$");
        case CodePointLength length -> {
          schema.setMinLength(length.min() == 0 ? null : length.min());
          schema.setMaxLength(length.max());
        }
        case Size size -> size(schema, size);
        default -> {}
      }
    }
    if (element instanceof PropertyDescriptor container) {
      container
          .getConstrainedContainerElementTypes()
          .forEach(content -> {
            if (content.getContainerClass() != Map.class) {
              constrain(schema.getItems(), content);
            } else if (content.getTypeArgumentIndex() == 0) {
              Schema<?> names = Schemas.string();
              constrain(names, content);
              schema.setPropertyNames(names);
            } else if (schema.getAdditionalProperties() instanceof Schema<?> value) {
              constrain(value, content);
            }
          });
    }
  }

  private static List<ConstraintDescriptor<?>> all(Set<ConstraintDescriptor<?>> constraints) {
    List<ConstraintDescriptor<?>> all = new ArrayList<>();
    for (ConstraintDescriptor<?> constraint : constraints) {
      all.addAll(all(constraint.getComposingConstraints()));
      all.add(constraint);
    }
    return all;
  }

  private static void size(Schema<?> schema, Size size) {
    Integer min = size.min() == 0 ? null : size.min();
    Integer max = size.max() == Integer.MAX_VALUE ? null : size.max();
    if (schema.getItems() != null) {
      schema.setMinItems(min);
      schema.setMaxItems(max);
    } else if (schema.getAdditionalProperties() != null) {
      schema.setMinProperties(min);
      schema.setMaxProperties(max);
    } else {
      schema.setMinLength(min);
      schema.setMaxLength(max);
    }
  }
}
