package dev.testing;

import dev.paymentprovider.PaymentProvider;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.ToIntFunction;
import tools.jackson.databind.JsonNode;

/** The provider's side of a test: its faults and its operations. */
public final class Simulator {

  private final Api http;
  private final ToIntFunction<String> received;

  public Simulator(PaymentProvider provider) {
    this(provider.port(), provider::received);
  }

  /** In another process, where the orders that arrive are not counted. */
  public Simulator(int port) {
    this(
        port,
        _ -> {
          throw new UnsupportedOperationException();
        });
  }

  private Simulator(int port, ToIntFunction<String> received) {
    this.http = Api.anonymous(port);
    this.received = received;
  }

  /** Sets a fault until it is healed. */
  public void misbehave(String mode) {
    misbehave(Map.of("mode", mode));
  }

  public void misbehave(Map<String, Object> fault) {
    Api.Answer answer = http.put("/faults", fault);
    if (answer.status() != 200) {
      throw new AssertionError("no such fault: " + answer);
    }
  }

  /** The current fault. */
  public String fault() {
    return http.get("/faults").body().at("/mode").asString();
  }

  public void heal() {
    misbehave("none");
  }

  /** All its operations, in order. */
  public List<JsonNode> operations() {
    return http.get("/operations").body().at("/data").valueStream().toList();
  }

  /** Its operations for a payment, whatever the key. */
  public List<JsonNode> operations(UUID payment) {
    return operations().stream()
        .filter(operation -> operation.at("/reference").asString().equals(payment.toString()))
        .toList();
  }

  /** Takes back all that is left of its first operation for a payment or refund. */
  public String takeBack(UUID payment) {
    return takeBack(payment, Map.of());
  }

  public String takeBack(UUID payment, long amount) {
    return takeBack(payment, Map.of("amount", amount));
  }

  private String takeBack(UUID payment, Map<String, Object> body) {
    JsonNode done = operations(payment).getFirst();
    Api.Answer answer = http.post("/operations/" + done.at("/id").asString() + "/return", body);
    if (answer.status() != 201) {
      throw new AssertionError("not taken back: " + done + " " + answer);
    }
    return answer.at("/id").toString();
  }

  /** Pays to our bank what it owes us. */
  public void settle() {
    Api.Answer answer = http.post("/settlements");
    if (answer.status() != 201) {
      throw new AssertionError("not settled: " + answer);
    }
  }

  /** Undoes a return: the dispute was won. */
  public void reinstate(String operation) {
    Api.Answer answer = http.post("/operations/" + operation + "/reinstate");
    if (answer.status() != 200) {
      throw new AssertionError("not reinstated: " + answer);
    }
  }

  /** Performs an operation outside Evenkeel, as a person at the provider's console would. */
  public Api.Answer order(String path, Map<String, Object> order) {
    return order(path, UUID.randomUUID().toString(), order);
  }

  public Api.Answer order(String path, String key, Map<String, Object> order) {
    return http.post(path, key, order);
  }

  /** The number of orders that arrived for a payment, whatever their outcome. */
  public int received(UUID payment) {
    return received.applyAsInt(payment.toString());
  }
}
