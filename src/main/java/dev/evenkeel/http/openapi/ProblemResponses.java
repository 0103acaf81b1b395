package dev.evenkeel.http.openapi;

import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemType;
import dev.evenkeel.problems.Problems;
import dev.evenkeel.problems.StoredProblems;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.http.HttpHeaders;
import org.springframework.web.method.HandlerMethod;

/** Describes the problems that an operation can be answered with, by status. */
final class ProblemResponses {

  private final StoredProblems problems;

  ProblemResponses(StoredProblems problems) {
    this.problems = problems;
  }

  /** Adds the responses, most of which are shared as components. */
  void describe(ApiResponses responses, Components components, ApiOperation operation) {
    IdempotentOperation idempotent = operation.idempotent();
    Map<Integer, List<ProblemType>> byStatus =
        problems(operation)
            .distinct()
            .collect(Collectors.groupingBy(ProblemType::status, TreeMap::new, Collectors.toList()));
    byStatus.forEach((status, types) -> {
      ApiResponse response = response(types, idempotent != null);
      boolean common = types.stream().allMatch(CommonProblem.class::isInstance);
      if (common) {
        String name =
            types.stream().map(ProblemType::slug).collect(Collectors.joining("_"))
                + (idempotent == null ? "" : ".keyed");
        components.addResponses(name, response);
        response = new ApiResponse().$ref("#/components/responses/" + name);
      }
      responses.addApiResponse(String.valueOf(status), response);
    });
  }

  /** Adds the responses to paths and methods that the document does not have. */
  void describeUnknownPaths(Components components) {
    for (CommonProblem type : List.of(CommonProblem.NOT_FOUND, CommonProblem.METHOD_NOT_ALLOWED)) {
      components.addResponses(type.slug(), response(List.of(type), false));
    }
  }

  private Stream<ProblemType> problems(ApiOperation operation) {
    List<ProblemType> types = new ArrayList<>();
    types.add(CommonProblem.INVALID_REQUEST);
    types.add(CommonProblem.NOT_ACCEPTABLE);
    types.add(CommonProblem.REQUEST_TIMEOUT);
    types.add(CommonProblem.PAYLOAD_TOO_LARGE);
    types.add(CommonProblem.UNSUPPORTED_MEDIA_TYPE);
    types.add(CommonProblem.TOO_MANY_REQUESTS);
    types.add(CommonProblem.BUSY);
    types.add(CommonProblem.DATABASE_UNAVAILABLE);
    if (operation.isForCallers()) {
      types.add(CommonProblem.UNAUTHORIZED);
      types.add(CommonProblem.FORBIDDEN);
      types.add(CommonProblem.ISSUER_UNAVAILABLE);
    }
    if (operation.path().contains("{")) {
      types.add(CommonProblem.NOT_FOUND);
    }
    if (!operation.isRead()) {
      types.add(CommonProblem.OUTCOME_UNKNOWN);
    }
    IdempotentOperation idempotent = operation.idempotent();
    if (idempotent != null) {
      types.add(CommonProblem.REQUEST_IN_PROGRESS);
      types.add(CommonProblem.IDEMPOTENCY_KEY_REUSED);
      if (idempotent.keyRequired()) {
        types.add(CommonProblem.IDEMPOTENCY_KEY_MISSING);
      }
    }
    return Stream.concat(types.stream(), named(operation.handler()));
  }

  private Stream<ProblemType> named(HandlerMethod handler) {
    return MergedAnnotations.from(handler.getMethod()).stream(Problems.class)
        .flatMap(annotation -> Stream.of(annotation.getStringArray(MergedAnnotation.VALUE)))
        .map(slug ->
            problems
                .type(slug)
                .orElseThrow(() -> new IllegalStateException(handler + ": " + slug)));
  }

  private static ApiResponse response(List<ProblemType> types, boolean keyed) {
    List<String> slugs = types.stream().map(ProblemType::slug).sorted().toList();
    int status = types.getFirst().status();
    Schema<Object> type = Schemas.string();
    slugs.forEach(slug -> type.addEnumItemObject("/problems/" + slug));
    Schema<Object> statusCode = new JsonSchema();
    statusCode.setConst(status);
    Schema<Object> body = new JsonSchema();
    body.addAllOfItem(Schemas.ref("Problem"));
    body.addProperty("type", type);
    body.addProperty("status", statusCode);
    body.setRequired(keyed ? List.of("traceId", "effect", "retry") : List.of("traceId"));
    ApiResponse response =
        new ApiResponse()
            .description(
                types.stream().map(it -> it.title()).sorted().collect(Collectors.joining("; ")))
            .content(
                new Content()
                    .addMediaType("application/problem+json", new MediaType().schema(body)));
    long retryable = types.stream().filter(it -> it.retryAfterSeconds() > 0).count();
    if (retryable > 0) {
      response.addHeaderObject(
          HttpHeaders.RETRY_AFTER, Schemas.retryAfter(retryable == types.size()));
    } else if (status == 405) {
      response.addHeaderObject(
          HttpHeaders.ALLOW, new Header().required(true).schema(Schemas.string()));
    }
    if (keyed && types.stream().anyMatch(ProblemType::isKept)) {
      response.addHeaderObject(IdempotentResponses.REPLAYED, Schemas.replayed(false));
    }
    return response;
  }
}
