package dev.evenkeel.console.breakit;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.MediaType;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** Reads and sets the simulator's fault, and reads its operations: neither is faulty itself. */
@BreakItPart
@Component
public class SimulatorClient {

  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final RestClient http;

  SimulatorClient(@Value("${evenkeel.payments.provider.url}") URI url) {
    SimpleClientHttpRequestFactory requests = new SimpleClientHttpRequestFactory();
    requests.setConnectTimeout(TIMEOUT);
    requests.setReadTimeout(TIMEOUT);
    this.http = RestClient.builder().requestFactory(requests).baseUrl(url.toString()).build();
  }

  private record Fault(String mode) {}

  /** An operation as the simulator lists it. Without a reference it belongs to nobody here. */
  record Operation(
      String id,
      String kind,
      @Nullable String reference,
      long amount,
      String currency,
      String status,
      Instant at) {

    private static final Set<String> ORDERED = Set.of("charge", "payout", "refund");

    /** Whether it was ordered, and not made by the provider itself. */
    boolean isOrdered() {
      return ORDERED.contains(kind);
    }
  }

  private record Operations(List<Operation> data) {}

  /**
   * @throws RestClientException if the simulator does not answer
   */
  String fault() {
    return body(http.get().uri("/faults").retrieve().body(Fault.class)).mode();
  }

  /**
   * @throws RestClientException if the simulator does not answer
   */
  public void setFault(String mode) {
    http.put()
        .uri("/faults")
        .contentType(MediaType.APPLICATION_JSON)
        .body(Map.of("mode", mode))
        .retrieve()
        .toBodilessEntity();
  }

  /**
   * Lists operations in the order in which they were made.
   *
   * @param after the id of the last one of the previous page; null for the first page
   * @throws RestClientException if the simulator does not answer
   */
  List<Operation> operations(Instant from, Instant to, @Nullable String after, int limit) {
    return body(http.get()
            .uri(uri -> {
              uri.path("/operations")
                  .queryParam("from", from)
                  .queryParam("to", to)
                  .queryParam("limit", limit);
              return (after == null ? uri : uri.queryParam("after", after)).build();
            })
            .retrieve()
            .body(Operations.class))
        .data();
  }

  private static <T> T body(@Nullable T body) {
    if (body == null) {
      throw new RestClientException("an empty answer");
    }
    return body;
  }
}
