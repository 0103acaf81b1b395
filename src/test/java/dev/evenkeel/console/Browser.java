package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.testing.TokenIssuer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.web.util.HtmlUtils;

/** A browser without scripts, with cookies of its own. It follows no redirect by itself. */
public final class Browser {

  private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

  private static final Pattern ACTION = Pattern.compile("action=\"([^\"]+)\"");
  private static final Pattern HIDDEN =
      Pattern.compile("type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"");

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .cookieHandler(new CookieManager())
          .build();
  private final URI base;

  public Browser(int port) {
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
            if (owner.startsWith("reader")) {
              scopes.removeIf(scope -> !scope.endsWith(":read"));
            }
            if (owner.startsWith("payer")) {
              scopes.removeIf(scope -> !scope.startsWith("payments:"));
            }
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

  public Browser login(String owner) {
    pageAfterLogin(owner);
    return this;
  }

  public HttpResponse<String> get(String path) {
    return send(
        HttpRequest.newBuilder(base.resolve(path)).header("Accept", "text/html,*/*;q=0.8").build());
  }

  /** Opens a live page's stream, which the caller closes. */
  InputStream stream(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve(path)).header("Accept", "text/event-stream").build();
    try {
      HttpResponse<InputStream> answer = http.send(request, BodyHandlers.ofInputStream());
      assertThat(answer.statusCode()).isEqualTo(200);
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public HttpResponse<String> post(String path, String form) {
    return send(posting(path, form).build());
  }

  /** Posts a form as browsers do, which say where it comes from. */
  HttpResponse<String> postFrom(String site, String path, String form) {
    return send(posting(path, form).header("Sec-Fetch-Site", site).build());
  }

  private HttpRequest.Builder posting(String path, String form) {
    return HttpRequest.newBuilder(base.resolve(path))
        .header("Accept", "text/html,*/*;q=0.8")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(BodyPublishers.ofString(form));
  }

  /**
   * Fills in the form of a page, whose hidden fields are sent with it.
   *
   * @param typed a form's content, such as {@code amount=1&reason=Lost}
   */
  public HttpResponse<String> submit(HttpResponse<String> page, String typed) {
    String main = page.body().substring(page.body().indexOf("<main"));
    String form = main.substring(main.indexOf("method=\"post\""));
    String action = HtmlUtils.htmlUnescape(find(ACTION, form));
    String hidden =
        HIDDEN
            .matcher(form)
            .results()
            .map(field -> field.group(1) + "=" + encode(HtmlUtils.htmlUnescape(field.group(2))))
            .collect(Collectors.joining("&"));
    return post(action, hidden + (typed.isEmpty() ? "" : "&" + typed));
  }

  public static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The page that a form leads to. */
  public HttpResponse<String> follow(HttpResponse<String> redirect) {
    assertThat(redirect.statusCode()).as(redirect.body()).isBetween(302, 303);
    return get(location(redirect));
  }

  /** Opens a stream of events, whose lines are read as they come. */
  public HttpResponse<Stream<String>> open(String path) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(base.resolve(path)).header("Accept", "text/event-stream").build();
      return http.send(request, BodyHandlers.ofLines());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<String> send(HttpRequest request) {
    return send(request, BodyHandlers.ofString());
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
    try {
      return http.send(request, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String location(HttpResponse<String> redirect) {
    return redirect.headers().firstValue("Location").orElse("");
  }

  public static String csrf(HttpResponse<String> page) {
    return find(CSRF, page.body());
  }

  /** The value of a field, a button or a hidden input. */
  static String value(HttpResponse<String> page, String name) {
    return find(Pattern.compile("name=\"" + name + "\"[^>]* value=\"([^\"]*)\""), page.body());
  }

  private static String find(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    assertThat(found.find()).as("%s in %s", pattern, text).isTrue();
    return found.group(1);
  }
}
