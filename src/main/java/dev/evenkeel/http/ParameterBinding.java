package dev.evenkeel.http;

import dev.evenkeel.http.body.RequestBodies;
import dev.evenkeel.http.body.StrictJson;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.MethodParameter;
import org.springframework.core.convert.TypeDescriptor;
import org.springframework.core.convert.converter.ConditionalGenericConverter;
import org.springframework.format.FormatterRegistry;
import org.springframework.ui.ModelMap;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes the parameters of controllers: callers, keys, cursors, and a query that is read strictly.
 */
@Configuration(proxyBeanMethods = false)
class ParameterBinding implements WebMvcConfigurer {

  private static final String OWNER = "owner";

  @Override
  public void addInterceptors(InterceptorRegistry interceptors) {
    interceptors
        .addInterceptor(new StrictRequestInterceptor())
        .addPathPatterns("/v1/**")
        // The provider chooses what it sends: its signature decides.
        .excludePathPatterns("/v1/provider/**");
  }

  @Override
  public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
    resolvers.add(new Resolver<>(Caller.class, (request, _, _) -> CallerResolver.of(request)));
    resolvers.add(new Resolver<>(CursorRequest.class, ParameterBinding::cursorRequest));
    resolvers.add(new Resolver<>(IdempotentRequest.class, ParameterBinding::idempotentRequest));
  }

  @Override
  public void addFormatters(FormatterRegistry registry) {
    registry.addConverter(String.class, Instant.class, Timestamps::parse);
    registry.addConverter(String.class, LocalDate.class, ParameterBinding::day);
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
}
