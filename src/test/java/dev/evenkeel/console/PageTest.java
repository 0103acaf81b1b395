package dev.evenkeel.console;

import com.sun.net.httpserver.HttpServer;
import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Tests of pages: they share one application, and each has owners of its own. */
@WholeApplication
public abstract class PageTest {

  private static final HttpServer ISSUER = Browser.tokenEndpoint();

  @DynamicPropertySource
  static void registration(DynamicPropertyRegistry registry) {
    String client = "spring.security.oauth2.client.registration.console.";
    String provider = "spring.security.oauth2.client.provider.console.";
    String issuer = "http://127.0.0.1:" + ISSUER.getAddress().getPort();
    registry.add(client + "client-id", () -> "evenkeel-console");
    registry.add(client + "client-secret", () -> "secret");
    registry.add(client + "authorization-grant-type", () -> "authorization_code");
    registry.add(client + "redirect-uri", () -> "{baseUrl}" + LoginSession.CALLBACK);
    registry.add("evenkeel.console.break-it", () -> true);
    registry.add(provider + "authorization-uri", () -> issuer + "/authorize");
    registry.add(provider + "token-uri", () -> issuer + "/token");
  }

  @LocalServerPort protected int port;

  protected final String owner = "ada-" + UUID.randomUUID();
  protected Api api;
  protected Browser browser;

  @BeforeEach
  void connect() {
    api = new Api(port, owner);
    browser = new Browser(port);
  }

  protected Browser operator() {
    return new Browser(port).login("operator-" + UUID.randomUUID());
  }
}
