package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.testing.TokenIssuer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A browser without scripts, with cookies of its own. It follows no redirect by itself. */
final class Browser {

  private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .cookieHandler(new CookieManager())
          .build();
  private final URI base;

  Browser(int port) {
    this.base = URI.create("http://127.0.0.1:" + port);
  }

  /** Starts a token endpoint that takes the authorization code for the owner's name. */
  static HttpServer tokenEndpoint() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/token",
          exchange -> {
            String form =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII);
            String owner = find(Pattern.compile("(?:^|&)code=([^&]+)"), form);
            List<String> scopes =
                new ArrayList<>(owner.startsWith("noscope") ? List.of() : TokenIssuer.OWNER_SCOPES);
            if (owner.startsWith("operator")) {
              scopes.add("operations");
            }
            byte[] answer =
                "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":300}"
                    .formatted(TokenIssuer.ofTests().token(owner, scopes))
                    .getBytes(StandardCharsets.US_ASCII);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
          });
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Logs in, and is sent to the page that it asked for. */
  String pageAfterLogin(String owner) {
    String location = location(get("/oauth2/authorization/console"));
    String state = find(Pattern.compile("[?&]state=([^&]+)"), location);
    HttpResponse<String> back = get(LoginSession.CALLBACK + "?code=" + owner + "&state=" + state);
    assertThat(back.statusCode()).isEqualTo(302);
    assertThat(location(back)).doesNotContain(LoginSession.FAILED);
    return location(back);
  }

  Browser login(String owner) {
    pageAfterLogin(owner);
    return this;
  }

  HttpResponse<String> get(String path) {
    return send(
        HttpRequest.newBuilder(base.resolve(path)).header("Accept", "text/html,*/*;q=0.8").build());
  }

  HttpResponse<String> post(String path, String form) {
    return send(
        HttpRequest.newBuilder(base.resolve(path))
            .header("Accept", "text/html,*/*;q=0.8")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form))
            .build());
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static String location(HttpResponse<String> redirect) {
    return redirect.headers().firstValue("Location").orElse("");
  }

  static String csrf(HttpResponse<String> page) {
    return find(CSRF, page.body());
  }

  private static String find(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    assertThat(found.find()).as("%s in %s", pattern, text).isTrue();
    return found.group(1);
  }
}
