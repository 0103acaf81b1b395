package dev.evenkeel.http;

import jakarta.validation.Validator;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.MethodParameter;
import org.springframework.format.FormatterRegistry;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.module.SimpleModule;

/** What the contract says of every request and answer, taught to Spring MVC. */
@Configuration(proxyBeanMethods = false)
class WebConfiguration implements WebMvcConfigurer {

  private final CallerResolver currentCaller;
  private final Validator validator;

  WebConfiguration(CallerResolver currentCaller, Validator validator) {
    this.currentCaller = currentCaller;
    this.validator = validator;
  }

  @Override
  public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
    resolvers.add(
        new RequestArgument<>(Caller.class, exchange -> currentCaller.of(exchange.getRequest())));
    resolvers.add(new RequestArgument<>(Input.class, exchange -> new Input(exchange, validator)));
  }

  @Override
  public void addFormatters(FormatterRegistry registry) {
    registry.addConverter(String.class, UUID.class, StrictJson::uuid);
  }

  /** Times in answers: RFC 3339, UTC, always six decimals. What is read may have fewer. */
  @Bean
  JsonMapperBuilderCustomizer microseconds() {
    return builder ->
        builder.addModule(new SimpleModule().addSerializer(Instant.class, new Microseconds()));
  }

  private static final class Microseconds extends ValueSerializer<Instant> {

    private static final DateTimeFormatter FORMAT =
        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSX").withZone(ZoneOffset.UTC);

    @Override
    public void serialize(Instant at, JsonGenerator json, SerializationContext context) {
      json.writeString(FORMAT.format(at));
    }
  }

  /** A controller's parameter that is made from the exchange alone. */
  private record RequestArgument<T>(Class<T> type, Function<ServletWebRequest, T> make)
      implements HandlerMethodArgumentResolver {

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
      return parameter.getParameterType() == type;
    }

    @Override
    public Object resolveArgument(
        MethodParameter parameter,
        @Nullable ModelAndViewContainer container,
        NativeWebRequest exchange,
        @Nullable WebDataBinderFactory binders) {
      return make.apply((ServletWebRequest) exchange);
    }
  }
}
