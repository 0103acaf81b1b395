package dev.evenkeel.http.openapi;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.body.StrictJson;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.problems.StoredProblems;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.security.OAuthFlow;
import io.swagger.v3.oas.models.security.OAuthFlows;
import io.swagger.v3.oas.models.security.Scopes;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import jakarta.validation.Validator;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.json.JsonMapper;

/** The OpenAPI document at {@code /v3/api-docs}, which is made at the first request for it. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("springdoc.api-docs.enabled")
class OpenApiConfiguration {

  static final String OAUTH2 = "oauth2";

  private static final String DESCRIPTION =
      """
      Moves money. Amounts are whole numbers of minor units; 1250 EUR is €12.50. Times are RFC 3339 in UTC.

      An operation that moves money needs an `Idempotency-Key`. The same key with the same request is answered with what \
      the first one made, or with its refusal, and `Idempotent-Replayed: true`.

      Every error is a problem document (RFC 9457). Its `type` leads to a page that explains it. On operations with a key, \
      `effect` tells whether money may have moved, and `retry` what to do next.

      Everywhere, an unknown path is answered with 404 `not-found`, a method that a path does not have with 405 \
      `method-not-allowed`, and what is no HTTP request with 400 `invalid-request`. Unknown fields and parameters are \
      refused. An optional field of a request may be null, unless it is a number. A 500 `internal-error` is a defect, which no \
      operation describes.
      """;

  static {
    SpringDocUtils.getConfig()
        .addRequestWrapperToIgnore(
            Caller.class, CursorRequest.class, IdempotentRequest.class, HttpHeaders.class)
        .addSimpleTypePredicateForParameterObject(StrictJson::isId);
  }

  @Bean
  OpenAPI openApi() {
    return new OpenAPI()
        .info(new Info().title("Evenkeel").version("v1").description(DESCRIPTION))
        .addServersItem(new Server().url("/"))
        .components(new Components().addSecuritySchemes(OAUTH2, clientCredentials()));
  }

  private static SecurityScheme clientCredentials() {
    Scopes scopes =
        new Scopes()
            .addString("accounts:read", "Read accounts, transfers and holds")
            .addString("accounts:write", "Open accounts and move money between them")
            .addString("payments:read", "Read payments and refunds")
            .addString("payments:write", "Create payments and refunds")
            .addString("notifications:read", "Read notifications") // part of notifications
            .addString("notifications:write", "Manage webhook endpoints") // part of notifications
            .addString("operations", "Operate: see and resolve what belongs to any owner");
    return new SecurityScheme()
        .type(SecurityScheme.Type.OAUTH2)
        .flows(
            new OAuthFlows()
                .clientCredentials(new OAuthFlow().tokenUrl("/oauth2/token").scopes(scopes)));
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
