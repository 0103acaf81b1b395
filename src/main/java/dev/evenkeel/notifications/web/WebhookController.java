package dev.evenkeel.notifications.web;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.notifications.WebhookCreation;
import dev.evenkeel.notifications.WebhookDeliveries;
import dev.evenkeel.notifications.WebhookDelivery;
import dev.evenkeel.notifications.WebhookEndpoint;
import dev.evenkeel.notifications.WebhookEndpoints;
import dev.evenkeel.problems.ProblemException;
import dev.evenkeel.problems.Problems;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Manages webhook endpoints, and shows the deliveries to them. */
@RestController
@RequiresScope(read = "notifications:read", write = "notifications:write")
@RequestMapping(path = "/v1", produces = APPLICATION_JSON_VALUE)
class WebhookController {

  private final WebhookEndpoints endpoints;
  private final WebhookCreation creation;
  private final WebhookDeliveries deliveries;

  WebhookController(
      WebhookEndpoints endpoints, WebhookCreation creation, WebhookDeliveries deliveries) {
    this.endpoints = endpoints;
    this.creation = creation;
    this.deliveries = deliveries;
  }

  record EndpointRequest(
      @NotNull @Size(max = 2000) String url,
      @Size(min = 1, max = MAX_TYPES) @Nullable List<@NotNull String> types) {

    private static final int MAX_TYPES = 100;

    /** Refuses too many types before each of them is validated. */
    EndpointRequest {
      if (types != null && types.size() > MAX_TYPES) {
        throw ProblemException.invalid("types", "size must be between 1 and " + MAX_TYPES);
      }
    }
  }

  /**
   * @param secret only when it is new
   */
  record EndpointResponse(
      UUID id,
      String url,
      List<String> types,
      WebhookEndpoint.Status status,
      Instant createdAt,
      @Nullable String secret) {

    static EndpointResponse of(WebhookEndpoints.WithSecret made) {
      WebhookEndpoint endpoint = made.endpoint();
      return new EndpointResponse(
          endpoint.id(),
          endpoint.url(),
          endpoint.types(),
          endpoint.status(),
          endpoint.createdAt(),
          made.secret());
    }
  }

  @Problems({"not-found", "address-not-allowed", "too-many-endpoints", "webhooks-not-configured"})
  @IdempotentOperation(keyRequired = false)
  @PostMapping(path = "/webhook-endpoints", consumes = APPLICATION_JSON_VALUE)
  ResponseEntity<EndpointResponse> create(
      @Valid @RequestBody EndpointRequest body,
      IdempotentRequest request,
      @RequestHeader(name = IdempotencyKey.HEADER, required = false) @Nullable String key) {
    Outcome<WebhookEndpoints.WithSecret> outcome =
        creation.create(
            new WebhookCreation.Request(request, key != null, body.url(), body.types()));
    return IdempotentResponses.created(
        outcome, made -> "/v1/webhook-endpoints/" + made.endpoint().id(), EndpointResponse::of);
  }

  record EndpointFilter(@Nullable String owner) {}

  @GetMapping("/webhook-endpoints")
  CursorPage<WebhookEndpoint> list(
      @Valid EndpointFilter filter, CursorRequest page, Caller caller) {
    String owner = caller.ownerOrSelf(filter.owner());
    return CursorPage.of(
        page, endpoints.list(owner, page.afterId(), page.lookAhead()), WebhookEndpoint::id);
  }

  @GetMapping("/webhook-endpoints/{id}")
  WebhookEndpoint endpoint(@PathVariable UUID id, Caller caller) {
    return caller.visible(endpoints.find(id), WebhookEndpoint::owner);
  }

  @DeleteMapping("/webhook-endpoints/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(@PathVariable UUID id, Caller caller) {
    own(id, caller);
    endpoints.delete(id);
  }

  @Problems({"too-many-secrets", "webhooks-not-configured"})
  @PostMapping("/webhook-endpoints/{id}/rotate-secret")
  EndpointResponse rotateSecret(@PathVariable UUID id, Caller caller) {
    own(id, caller);
    return EndpointResponse.of(IdempotentResponses.result(endpoints.rotateSecret(id)));
  }

  @PostMapping("/webhook-endpoints/{id}/enable")
  WebhookEndpoint enable(@PathVariable UUID id, Caller caller) {
    return set(id, WebhookEndpoint.Status.ENABLED, caller);
  }

  @PostMapping("/webhook-endpoints/{id}/disable")
  WebhookEndpoint disable(@PathVariable UUID id, Caller caller) {
    return set(id, WebhookEndpoint.Status.DISABLED, caller);
  }

  private WebhookEndpoint set(UUID id, WebhookEndpoint.Status status, Caller caller) {
    own(id, caller);
    return endpoints.setStatus(id, status).orElseThrow(ProblemException::notFound);
  }

  @GetMapping("/webhook-endpoints/{id}/deliveries")
  CursorPage<WebhookDelivery> deliveries(@PathVariable UUID id, CursorRequest page, Caller caller) {
    endpoint(id, caller);
    return CursorPage.of(
        page, deliveries.list(id, page.afterId(), page.lookAhead()), WebhookDelivery::id);
  }

  @Problems("delivery-pending")
  @PostMapping("/webhook-deliveries/{id}/redeliver")
  @ResponseStatus(HttpStatus.ACCEPTED)
  WebhookDelivery redeliver(@PathVariable UUID id, Caller caller) {
    caller.own(deliveries.find(id), WebhookDelivery::owner);
    return IdempotentResponses.result(deliveries.redeliver(id));
  }

  private void own(UUID id, Caller caller) {
    caller.own(endpoints.find(id), WebhookEndpoint::owner);
  }
}
