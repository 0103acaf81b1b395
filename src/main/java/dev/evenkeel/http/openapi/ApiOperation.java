package dev.evenkeel.http.openapi;

import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.idempotency.IdempotentOperation;
import io.swagger.v3.oas.models.PathItem.HttpMethod;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.method.HandlerMethod;

/**
 * A controller method, as the document shows it.
 *
 * @param texts the media types of its responses that are not JSON
 */
record ApiOperation(HttpMethod method, String path, HandlerMethod handler, List<String> texts) {

  /** The provider's webhooks are signed; everything else needs a token. */
  boolean isForCallers() {
    return !path.startsWith("/v1/provider/");
  }

  boolean isRead() {
    return method == HttpMethod.GET;
  }

  @Nullable IdempotentOperation idempotent() {
    return handler.getMethodAnnotation(IdempotentOperation.class);
  }

  boolean takes(Class<?> parameterType) {
    return Stream.of(handler.getMethodParameters())
        .anyMatch(parameter -> parameter.getParameterType() == parameterType);
  }

  /** The subject of its controller, such as "Account". */
  String noun() {
    return handler.getBeanType().getSimpleName().replaceFirst("Controller$", "");
  }

  List<String> scopes() {
    RequiresScope scope = handler.getBeanType().getAnnotation(RequiresScope.class);
    return scope == null ? List.of() : List.of(isRead() ? scope.read() : scope.write());
  }
}
