package dev.paymentprovider;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.function.UnaryOperator;
import tools.jackson.databind.util.RawValue;

/** What a caller is told, and the ways in which it may arrive spoilt. */
record Answer(int status, Object body) {

  static Answer error(int status, String error) {
    return new Answer(status, Map.of("error", error));
  }

  /** With a lie about the operation, if it is about one. */
  Answer lying(UnaryOperator<Operation> lie) {
    return body instanceof Operation it ? new Answer(status, lie.apply(it)) : this;
  }

  Answer withGarbage() {
    return new Answer(status, new RawValue("<html>It works!</html>"));
  }

  void send(HttpExchange exchange) throws IOException {
    var json = json();
    start(exchange, json.length).write(json);
  }

  /** Closing the exchange then breaks the connection off, since the rest is missing. */
  void sendHalf(HttpExchange exchange) throws IOException {
    var json = json();
    start(exchange, json.length).write(json, 0, json.length / 2);
    exchange.getResponseBody().flush();
  }

  void sendByteByByte(HttpExchange exchange) throws IOException, InterruptedException {
    var json = json();
    var out = start(exchange, json.length);
    for (var single : json) {
      out.write(single);
      out.flush();
      Thread.sleep(100);
    }
  }

  private byte[] json() {
    return Json.MAPPER.writeValueAsBytes(body);
  }

  private OutputStream start(HttpExchange exchange, int length) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, length);
    return exchange.getResponseBody();
  }
}
