package dev.evenkeel.http.openapi;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.body.StrictJson;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.problems.StoredProblems;
import io.swagger.v3.core.util.Yaml31;
import io.swagger.v3.oas.models.OpenAPI;
import jakarta.validation.Validator;
import java.io.IOException;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.json.JsonMapper;

/** The OpenAPI document at {@code /v3/api-docs}, which is made at the first request for it. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("springdoc.api-docs.enabled")
class OpenApiConfiguration {

  static final String OAUTH2 = "oauth2";

  static {
    SpringDocUtils.getConfig()
        .addRequestWrapperToIgnore(
            Caller.class, CursorRequest.class, IdempotentRequest.class, HttpHeaders.class)
        .addSimpleTypePredicateForParameterObject(StrictJson::isId);
  }

  /** The part of the document that is not derived; springdoc adds the operations. */
  @Bean
  OpenAPI openApi() throws IOException {
    return Yaml31.mapper()
        .readValue(
            new ClassPathResource("base.yaml", OpenApiConfiguration.class).getInputStream(),
            OpenAPI.class);
  }

  @Bean
  SchemaConverter schemaConverter(JsonMapper json, Validator validator) {
    return new SchemaConverter(json, validator);
  }

  @Bean
  GlobalOpenApiCustomizer operations(
      @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping,
      StoredProblems problems) {
    return new OperationDescriber(mapping, new ProblemResponses(problems));
  }
}
