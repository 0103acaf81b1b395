package dev.paymentprovider;

import dev.paymentprovider.Fault.Mode;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;

/**
 * The provider's own side: its settlement report, taking money back, and the switch for the faults.
 */
final class Controls {

  private final Operations operations;
  private final Faults faults;
  private final Webhooks webhooks;
  private final Consumer<Duration> refuse;

  /**
   * @param refuse makes the listener refuse connections for a while
   */
  Controls(Operations operations, Faults faults, Webhooks webhooks, Consumer<Duration> refuse) {
    this.operations = operations;
    this.faults = faults;
    this.webhooks = webhooks;
    this.refuse = refuse;
  }

  Answer list(Query query) {
    return new Answer(200, Map.of("data", operations.list(query::covers)));
  }

  Answer takeBack(String id) {
    if (operations.byId(id) == null) {
      return Answer.error(404, "never-seen");
    }
    var back = operations.takeBack(id);
    if (back == null) {
      return Answer.error(409, "not-returnable");
    }
    webhooks.send(back.reference(), faults.current().mode());
    return Answer.of(201, back);
  }

  Answer faults() {
    return new Answer(200, faults.current());
  }

  Answer misbehave(byte[] body) {
    var fault = read(body);
    faults.replace(fault);
    if (fault.mode() == Mode.REFUSE) {
      refuse.accept(fault.latency());
    }
    return new Answer(200, fault);
  }

  private static Fault read(byte[] body) {
    try {
      var wish = Json.MAPPER.readValue(body, Fault.Wish.class);
      if (wish != null) {
        return wish.fault();
      }
    } catch (JacksonException malformed) {
      // answered below
    }
    throw new InvalidRequest(400, "invalid-faults");
  }
}
