package dev.evenkeel.http;

import dev.evenkeel.http.body.RequestBodies;
import dev.evenkeel.http.body.StrictJson;
import jakarta.validation.ConstraintViolation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ResolvableType;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;
import org.springframework.validation.beanvalidation.SpringValidatorAdapter;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.accept.HeaderContentNegotiationStrategy;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** Chooses the media types of bodies, and converts and validates strict JSON. */
@Configuration(proxyBeanMethods = false)
class BodyConversion implements WebMvcConfigurer {

  private final JsonMapper json;
  private final jakarta.validation.Validator validator;

  BodyConversion(JsonMapper json, jakarta.validation.Validator validator) {
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

  /** Runs after scopes and parameters are checked, which the order of errors says. */
  @Override
  public void addInterceptors(InterceptorRegistry interceptors) {
    interceptors.addInterceptor(new RequestBodies.Arrival()).order(1);
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

  /**
   * Negotiates by the Accept header. Parameters such as a charset are ignored. A wildcard means
   * JSON, or text if the header excludes JSON by quality 0.
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
