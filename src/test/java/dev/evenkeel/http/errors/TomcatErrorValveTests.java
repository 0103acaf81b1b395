package dev.evenkeel.http.errors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Requests that Tomcat refuses before Spring sees them. */
@WholeApplication
class TomcatErrorValveTests {

  @LocalServerPort int port;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/accounts/%00 HTTP/1.1\r\nHost: a\r\n",
        "GET /v1/[ HTTP/1.1\r\nHost: a\r\n",
        "GET /v1/accounts/%zz HTTP/1.1\r\nHost: a\r\n",
        "GET /v1/accounts/a%2fb HTTP/1.1\r\nHost: a\r\n",
        "GET /v1/accounts HTTP/1.1\r\n",
        "POST /v1/transfers HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n",
        "POST /v1/transfers HTTP/1.1\r\nHost: a\r\n(bad): header\r\n",
        "POST /v1/transfers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n",
        "GET /v1/accounts HTTP/3.0\r\nHost: a\r\n",
        "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n",
        "GARBAGE\r\n",
        "P{ST /v1/transfers HTTP/1.1\r\nHost: a\r\n",
        "POST /v1/transfers/%zz HTTP/1.1\r\nHost: a\r\n",
      })
  void answersWithAProblem(String request) throws IOException {
    String answer = send(request + "Connection: close\r\n\r\n");

    String[] headAndBody = answer.split("\r\n\r\n", 2);
    assertThat(headAndBody[0]).startsWith("HTTP/1.1 400").contains("application/problem+json");
    JsonNode problem = JsonMapper.shared().readTree(unchunked(headAndBody[1]));
    assertThat(problem.at("/type").asString()).isEqualTo("/problems/invalid-request");
    assertThat(problem.at("/status").asInt()).isEqualTo(400);
    assertThat(problem.at("/traceId").asString()).matches("[0-9a-f]{32}");
  }

  @Test
  void saysThatABrokenBodyHasNoEffect() throws IOException {
    String answer =
        send(
            "POST /v1/transfers HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Authorization: "
                + new Api(port, "ada").authorization()
                + "\r\nIdempotency-Key: k\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n");

    assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json");
    assertThat(answer).contains("\"effect\":\"none\"", "\"retry\":\"no\"", "\"traceId\"");
  }

  private String send(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String unchunked(String body) {
    return body.substring(body.indexOf('{'), body.lastIndexOf('}') + 1);
  }
}
