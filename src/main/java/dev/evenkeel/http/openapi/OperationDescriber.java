package dev.evenkeel.http.openapi;

import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentResponses;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.PathItem.HttpMethod;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.util.StringUtils;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Adds to each operation what this application's annotations and parameter types say about it. */
final class OperationDescriber implements GlobalOpenApiCustomizer {

  private static final String KEY_PATTERN = "^(?!\"\"$)(?:\"[!-~]{1,255}\"|[!-~]{1,255})$";

  private static final List<Parameter> NONE = List.of();

  private final RequestMappingHandlerMapping mapping;
  private final ProblemResponses problems;

  OperationDescriber(RequestMappingHandlerMapping mapping, ProblemResponses problems) {
    this.mapping = mapping;
    this.problems = problems;
  }

  @Override
  public void customise(OpenAPI document) {
    Components components = document.getComponents();
    components.getSchemas().remove("SseEmitter");
    problems.describeUnknownPaths(components);
    Set<String> described = new HashSet<>();
    mapping.getHandlerMethods().entrySet().stream()
        .flatMap(entry -> operations(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparing(it -> it.handler().getMethod().getName()))
        .forEach(it -> {
          PathItem path = document.getPaths().get(it.path());
          Operation operation = path == null ? null : path.readOperationsMap().get(it.method());
          if (operation == null) {
            return;
          }
          if (described.add(it.method() + it.path())) {
            describe(operation, components, it);
          }
          // More than one method of a path differ in the media type.
          texts(operation.getResponses(), it);
        });
  }

  private static Stream<ApiOperation> operations(RequestMappingInfo info, HandlerMethod handler) {
    List<String> texts =
        info.getProducesCondition().getProducibleMediaTypes().stream()
            .filter(type -> type.getType().equals("text"))
            .map(MediaType::toString)
            .toList();
    return info.getPatternValues().stream()
        .flatMap(path ->
            info.getMethodsCondition().getMethods().stream()
                .map(method ->
                    new ApiOperation(HttpMethod.valueOf(method.name()), path, handler, texts)));
  }

  private void describe(Operation operation, Components components, ApiOperation it) {
    operation.setTags(List.of(it.noun()));
    operation.setOperationId(
        StringUtils.uncapitalize(it.noun()) + "." + it.handler().getMethod().getName());
    parameters(operation, it);
    body(operation);
    if (it.isForCallers()) {
      operation.setSecurity(
          List.of(new SecurityRequirement().addList(OpenApiConfiguration.OAUTH2, it.scopes())));
    }
    ApiResponses responses = successes(operation, it);
    problems.describe(responses, components, it);
    operation.setResponses(responses);
  }

  private static void texts(ApiResponses responses, ApiOperation it) {
    ApiResponse ok = responses.get("200");
    if (ok != null) {
      it.texts().forEach(type -> ok.getContent().addMediaType(type, Schemas.text()));
    }
  }

  /** An operation that takes any type but one is documented with JSON. */
  private static void body(Operation operation) {
    if (operation.getRequestBody() != null) {
      Content content = operation.getRequestBody().getContent();
      List.copyOf(content.keySet()).stream()
          .filter(type -> type.startsWith("!"))
          .forEach(
              type -> content.addMediaType(MediaType.APPLICATION_JSON_VALUE, content.remove(type)));
    }
  }

  private static void parameters(Operation operation, ApiOperation it) {
    for (Parameter parameter : Objects.requireNonNullElse(operation.getParameters(), NONE)) {
      Schema<?> schema = Objects.requireNonNullElseGet(parameter.getSchema(), Schemas::string);
      if (schema.getTypes() != null) {
        schema.getTypes().remove("null"); // absent is not null
      }
      parameter.setSchema(schema);
    }
    if (it.takes(CursorRequest.class)) {
      Schema<Object> limit = Schemas.integer();
      limit.setMinimum(BigDecimal.ONE);
      limit.setMaximum(BigDecimal.valueOf(100));
      operation.addParametersItem(
          query("limit").description("The number of elements, 20 if absent").schema(limit));
      operation.addParametersItem(
          query("cursor")
              .description("The nextCursor of the page before; valid for the same filters")
              .schema(Schemas.string()));
    }
    IdempotentOperation idempotent = it.idempotent();
    if (idempotent != null) {
      if (operation.getParameters() != null) {
        operation.getParameters().removeIf(known -> known.getName().equals(IdempotencyKey.HEADER));
      }
      operation.addParametersItem(
          new Parameter()
              .in("header")
              .name(IdempotencyKey.HEADER)
              .required(idempotent.keyRequired())
              .description("A key of the caller's choice: one key, one outcome")
              .schema(Schemas.string(KEY_PATTERN)));
    }
  }

  private static Parameter query(String name) {
    return new Parameter().in("query").name(name).required(false);
  }

  private static ApiResponses successes(Operation operation, ApiOperation it) {
    ApiResponses responses = new ApiResponses();
    IdempotentOperation idempotent = it.idempotent();
    operation
        .getResponses()
        .forEach((status, response) -> {
          if (!status.startsWith("2")) {
            return;
          }
          if (idempotent == null) {
            responses.addApiResponse(status, response);
            return;
          }
          for (HttpStatus success : idempotent.success()) {
            responses.addApiResponse(
                String.valueOf(success.value()),
                idempotent(response.getContent(), success, idempotent));
          }
        });
    return responses;
  }

  private static ApiResponse idempotent(
      Content content, HttpStatus status, IdempotentOperation operation) {
    ApiResponse response =
        new ApiResponse()
            .description(status.getReasonPhrase())
            .content(content)
            .addHeaderObject(
                HttpHeaders.LOCATION, new Header().required(true).schema(Schemas.string("^/v1/")));
    if (status != HttpStatus.CREATED) {
      boolean always = status == HttpStatus.OK && operation.success()[0] == HttpStatus.CREATED;
      response.addHeaderObject(IdempotentResponses.REPLAYED, Schemas.replayed(always));
    }
    return response;
  }
}
