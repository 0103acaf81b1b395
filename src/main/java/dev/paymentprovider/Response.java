package dev.paymentprovider;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.function.UnaryOperator;
import tools.jackson.databind.util.RawValue;

/** A response to a request, and the faulty ways to send it. */
record Response(int status, String type, Object body) {

  private static final String JSON = "application/json";

  Response(int status, Object body) {
    this(status, JSON, body);
  }

  static Response html(String html) {
    return new Response(200, "text/html; charset=utf-8", new RawValue(html));
  }

  static Response error(int status, String error) {
    return new Response(status, Map.of("error", error));
  }

  /** Falsifies the operation in the body, if the body is one. */
  Response falsified(UnaryOperator<Operation> change) {
    return body instanceof Operation it ? new Response(status, change.apply(it)) : this;
  }

  Response withGarbage() {
    return new Response(status, new RawValue("<html>It works!</html>"));
  }

  void send(HttpExchange exchange) throws IOException {
    var bytes = bytes();
    start(exchange, bytes.length).write(bytes);
  }

  /** Sends half of the body. Closing the exchange then drops the connection. */
  void sendHalf(HttpExchange exchange) throws IOException {
    var bytes = bytes();
    start(exchange, bytes.length).write(bytes, 0, bytes.length / 2);
    exchange.getResponseBody().flush();
  }

  void sendByteByByte(HttpExchange exchange) throws IOException, InterruptedException {
    var bytes = bytes();
    var out = start(exchange, bytes.length);
    for (var single : bytes) {
      out.write(single);
      out.flush();
      Thread.sleep(100);
    }
  }

  private byte[] bytes() {
    return Json.MAPPER.writeValueAsBytes(body);
  }

  private OutputStream start(HttpExchange exchange, int length) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, length);
    return exchange.getResponseBody();
  }
}
