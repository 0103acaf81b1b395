package dev.evenkeel.notifications.web;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.Input;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.notifications.WebhookDeliveries;
import dev.evenkeel.notifications.WebhookDelivery;
import dev.evenkeel.notifications.WebhookEndpoint;
import dev.evenkeel.notifications.WebhookEndpoints;
import dev.evenkeel.problems.ProblemException;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Where owners want their notifications sent to, and what became of each. */
@RestController
class WebhookController {

  private final WebhookEndpoints endpoints;
  private final WebhookDeliveries deliveries;

  WebhookController(WebhookEndpoints endpoints, WebhookDeliveries deliveries) {
    this.endpoints = endpoints;
    this.deliveries = deliveries;
  }

  record EndpointRequest(
      @NotNull @Size(max = 2000) String url,
      @Size(min = 1, max = 100) @Nullable List<@NotNull String> types) {}

  /**
   * @param secret only when it is new
   */
  record EndpointBody(
      UUID id,
      String url,
      List<String> types,
      WebhookEndpoint.Status status,
      Instant createdAt,
      @Nullable String secret) {

    static EndpointBody of(WebhookEndpoints.WithSecret made) {
      WebhookEndpoint endpoint = made.endpoint();
      return new EndpointBody(
          endpoint.id(),
          endpoint.url(),
          endpoint.types(),
          endpoint.status(),
          endpoint.createdAt(),
          made.secret());
    }
  }

  @IdempotentOperation
  @PostMapping("/v1/webhook-endpoints")
  ResponseEntity<EndpointBody> create(Caller caller, Input input) {
    var request = input.maybeKeyed(EndpointRequest.class);
    var outcome =
        endpoints.create(
            new WebhookEndpoints.Creation(
                request.by(caller),
                request.keySent(),
                request.body().url(),
                request.body().types()));
    return IdempotentResponses.created(
        outcome, made -> "/v1/webhook-endpoints/" + made.endpoint().id(), EndpointBody::of);
  }

  @GetMapping("/v1/webhook-endpoints")
  CursorPage<WebhookEndpoint> list(Caller caller, Input input) {
    String owner = input.owner(caller);
    CursorRequest window = input.window(owner);
    return CursorPage.of(
        window, endpoints.list(owner, window.afterId(), window.lookAhead()), WebhookEndpoint::id);
  }

  @GetMapping("/v1/webhook-endpoints/{id}")
  WebhookEndpoint endpoint(@PathVariable UUID id, Caller caller) {
    return visible(id, caller);
  }

  @DeleteMapping("/v1/webhook-endpoints/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(@PathVariable UUID id, Caller caller, Input input) {
    own(id, caller, input);
    endpoints.delete(id, caller.owner());
  }

  @PostMapping("/v1/webhook-endpoints/{id}/rotate-secret")
  EndpointBody rotateSecret(@PathVariable UUID id, Caller caller, Input input) {
    own(id, caller, input);
    return EndpointBody.of(IdempotentResponses.result(endpoints.rotateSecret(id)));
  }

  @PostMapping("/v1/webhook-endpoints/{id}/enable")
  WebhookEndpoint enable(@PathVariable UUID id, Caller caller, Input input) {
    return set(id, WebhookEndpoint.Status.ENABLED, caller, input);
  }

  @PostMapping("/v1/webhook-endpoints/{id}/disable")
  WebhookEndpoint disable(@PathVariable UUID id, Caller caller, Input input) {
    return set(id, WebhookEndpoint.Status.DISABLED, caller, input);
  }

  private WebhookEndpoint set(UUID id, WebhookEndpoint.Status status, Caller caller, Input input) {
    own(id, caller, input);
    return endpoints.setStatus(id, status).orElseThrow(ProblemException::notFound);
  }

  @GetMapping("/v1/webhook-endpoints/{id}/deliveries")
  CursorPage<WebhookDelivery> deliveries(@PathVariable UUID id, Caller caller, Input input) {
    visible(id, caller);
    CursorRequest window = input.window();
    return CursorPage.of(
        window, deliveries.list(id, window.afterId(), window.lookAhead()), WebhookDelivery::id);
  }

  @PostMapping("/v1/webhook-deliveries/{id}/redeliver")
  ResponseEntity<WebhookDelivery> redeliver(@PathVariable UUID id, Caller caller, Input input) {
    own(deliveries.find(id).map(WebhookDelivery::owner), caller, input);
    return ResponseEntity.accepted().body(IdempotentResponses.result(deliveries.redeliver(id)));
  }

  private WebhookEndpoint visible(UUID id, Caller caller) {
    return caller.visible(endpoints.find(id), WebhookEndpoint::owner);
  }

  private void own(UUID id, Caller caller, Input input) {
    own(endpoints.find(id).map(WebhookEndpoint::owner), caller, input);
  }

  /** Nobody else changes it: what it is sent, and its secret, are its owner's. */
  private static void own(Optional<String> owner, Caller caller, Input input) {
    if (!owner.equals(Optional.of(caller.owner()))) {
      throw ProblemException.notFound();
    }
    input.nothing();
  }
}
