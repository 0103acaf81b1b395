package dev.evenkeel.http;

import dev.evenkeel.http.body.RequestBodies;
import dev.evenkeel.http.body.StrictJson;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.ConstraintViolation;
import java.beans.PropertyEditorSupport;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;
import org.springframework.core.convert.TypeDescriptor;
import org.springframework.core.convert.converter.ConditionalGenericConverter;
import org.springframework.format.FormatterRegistry;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.ui.ModelMap;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;
import org.springframework.validation.beanvalidation.SpringValidatorAdapter;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.accept.HeaderContentNegotiationStrategy;
import org.springframework.web.bind.WebDataBinder;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.InitBinder;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.support.ExtendedServletRequestDataBinder;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;

/** Configures Spring MVC for this API: strict JSON and parameters, callers, cursor pages. */
@Configuration(proxyBeanMethods = false)
class WebConfiguration implements WebMvcConfigurer {

  private static final String OWNER = "owner";

  private final JsonMapper json;
  private final jakarta.validation.Validator validator;

  WebConfiguration(JsonMapper json, jakarta.validation.Validator validator) {
    this.json = json;
    this.validator = validator;
  }

  @Override
  public Validator getValidator() {
    return new FewErrors(validator);
  }

  @Bean
  static JsonMapperBuilderCustomizer microseconds() {
    return builder ->
        builder.addModule(
            new SimpleModule("times").addSerializer(Instant.class, new Timestamps.Serializer()));
  }

  @Override
  public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
    converters.withJsonConverter(new StrictConverter(StrictJson.from(json)));
  }

  @Override
  public void configureContentNegotiation(ContentNegotiationConfigurer negotiation) {
    negotiation.strategies(List.of(new JsonPreferred()));
  }

  @Override
  public void addInterceptors(InterceptorRegistry interceptors) {
    interceptors
        .addInterceptor(new StrictRequestInterceptor())
        .addPathPatterns("/v1/**")
        // The provider chooses what it sends: its signature decides.
        .excludePathPatterns("/v1/provider/**");
    interceptors.addInterceptor(new RequestBodies.Arrival());
  }

  @Override
  public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
    resolvers.add(new Resolver<>(Caller.class, (request, _, _) -> CallerResolver.of(request)));
    resolvers.add(new Resolver<>(CursorRequest.class, WebConfiguration::cursorRequest));
    resolvers.add(new Resolver<>(IdempotentRequest.class, WebConfiguration::idempotentRequest));
  }

  @Override
  public void addFormatters(FormatterRegistry registry) {
    registry.addConverter(String.class, Instant.class, Timestamps::parse);
    registry.addConverter(String.class, LocalDate.class, WebConfiguration::day);
    registry.addConverter(new IdConverter());
  }

  private static LocalDate day(String text) {
    LocalDate day = LocalDate.parse(text);
    if (day.getYear() < 1970 || day.getYear() > 9999) {
      throw new IllegalArgumentException("out of range");
    }
    return day;
  }

  /** Takes the filters as they were bound, so that their spelling makes no difference. */
  private static CursorRequest cursorRequest(
      HttpServletRequest request, MethodParameter parameter, ModelMap bound) {
    ObjectNode filters = JsonMapper.shared().createObjectNode();
    bound.values().stream()
        .filter(Record.class::isInstance)
        .forEach(filter -> filters.setAll(JsonMapper.shared().<ObjectNode>valueToTree(filter)));
    if (filters.has(OWNER)) {
      filters.put(OWNER, CallerResolver.of(request).ownerOrSelf(request.getParameter(OWNER)));
    }
    return CursorRequest.of(request, filters);
  }

  private static IdempotentRequest idempotentRequest(
      HttpServletRequest request, MethodParameter parameter, ModelMap bound) {
    IdempotentOperation operation =
        Objects.requireNonNull(parameter.getMethodAnnotation(IdempotentOperation.class));
    return new IdempotentRequest(
        CallerResolver.of(request).owner(),
        key(request, operation.keyRequired()),
        RequestBodies.fingerprint(request));
  }

  private static IdempotencyKey key(HttpServletRequest request, boolean required) {
    List<String> headers = Collections.list(request.getHeaders(IdempotencyKey.HEADER));
    if (headers.size() > 1) {
      throw ProblemException.invalid(IdempotencyKey.HEADER, "must be given once");
    }
    if (headers.isEmpty() && required) {
      throw new ProblemException(
          CommonProblem.IDEMPOTENCY_KEY_MISSING,
          "This operation needs the header Idempotency-Key, with a key of your choice.");
    }
    try {
      return headers.isEmpty()
          ? new IdempotencyKey(UUID.randomUUID().toString())
          : IdempotencyKey.ofHeader(headers.getFirst());
    } catch (IllegalArgumentException invalid) {
      throw ProblemException.invalid(IdempotencyKey.HEADER, String.valueOf(invalid.getMessage()));
    }
  }

  /**
   * Reads any media type, because the mapping has checked it: only an empty body may have another
   * type than JSON.
   */
  private static final class StrictConverter extends JacksonJsonHttpMessageConverter {

    StrictConverter(JsonMapper strict) {
      super(strict);
    }

    @Override
    public boolean canRead(ResolvableType type, @Nullable MediaType mediaType) {
      return super.canRead(type, MediaType.APPLICATION_JSON);
    }
  }

  /** Limits the errors of a body, because Spring compares each with all those before it. */
  private static final class FewErrors extends SpringValidatorAdapter {

    private static final int MAX_ERRORS = 100;

    FewErrors(jakarta.validation.Validator validator) {
      super(validator);
    }

    @Override
    protected void processConstraintViolations(
        Set<ConstraintViolation<Object>> violations, Errors errors) {
      super.processConstraintViolations(
          violations.stream().limit(MAX_ERRORS).collect(Collectors.toSet()), errors);
    }
  }

  /** Makes a controller's parameter from the request and the parameters before it. */
  private record Resolver<T>(Class<T> type, Make<T> make) implements HandlerMethodArgumentResolver {

    interface Make<T> {
      T from(HttpServletRequest request, MethodParameter parameter, ModelMap bound);
    }

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
      return parameter.getParameterType() == type;
    }

    @Override
    public Object resolveArgument(
        MethodParameter parameter,
        @Nullable ModelAndViewContainer container,
        NativeWebRequest request,
        @Nullable WebDataBinderFactory binders) {
      HttpServletRequest servletRequest =
          Objects.requireNonNull(request.getNativeRequest(HttpServletRequest.class));
      return make.from(servletRequest, parameter, Objects.requireNonNull(container).getModel());
    }
  }

  /** Reads the ids of modules, such as an account's, as strictly as a UUID. */
  private static final class IdConverter implements ConditionalGenericConverter {

    @Override
    public Set<ConvertiblePair> getConvertibleTypes() {
      return Set.of(new ConvertiblePair(String.class, Record.class));
    }

    @Override
    public boolean matches(TypeDescriptor text, TypeDescriptor id) {
      return StrictJson.isId(id.getType());
    }

    @Override
    public Object convert(@Nullable Object text, TypeDescriptor source, TypeDescriptor id) {
      return BeanUtils.instantiateClass(
          BeanUtils.getResolvableConstructor(id.getType()), StrictJson.uuid(String.valueOf(text)));
    }
  }

  /**
   * Reads UUIDs and enum constants strictly. These are property editors, as Spring falls back to
   * its own lenient ones where a converter refuses a value.
   */
  @ControllerAdvice
  static class StrictBinding {

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

  /**
   * Negotiates by the Accept header. Parameters such as a charset are ignored. A wildcard means
   * JSON where there is a choice; where JSON is excluded by quality 0, it means text, as everything
   * else is.
   */
  private static final class JsonPreferred extends HeaderContentNegotiationStrategy {

    private static final MediaType ANY_TEXT = new MediaType("text");

    @Override
    public List<MediaType> resolveMediaTypes(NativeWebRequest request)
        throws HttpMediaTypeNotAcceptableException {
      List<MediaType> accepted = new ArrayList<>();
      boolean excludesJson = false;
      for (MediaType type : super.resolveMediaTypes(request)) {
        if (type.getQualityValue() > 0) {
          accepted.add(new MediaType(type.getType(), type.getSubtype(), type.getQualityValue()));
        } else {
          excludesJson |= !type.isWildcardType() && type.includes(MediaType.APPLICATION_JSON);
        }
      }
      if (excludesJson) {
        accepted.replaceAll(type -> type.isWildcardType() ? ANY_TEXT : type);
        accepted.removeIf(
            type -> type.isWildcardSubtype() && type.includes(MediaType.APPLICATION_JSON));
      }
      if (accepted.isEmpty()) {
        throw new HttpMediaTypeNotAcceptableException(List.of(MediaType.APPLICATION_JSON));
      }
      int wildcard = accepted.stream().map(MediaType::isWildcardType).toList().indexOf(true);
      if (wildcard >= 0) {
        accepted.add(wildcard, MediaType.APPLICATION_JSON);
      }
      return accepted;
    }
  }
}
