package dev.devservices.login;

import static dev.testing.Refusals.assertRefused;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.net.CookieManager;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The application in development is its own issuer. */
@WholeApplication
@ActiveProfiles("development")
@TestPropertySource(properties = "spring.datasource.url=that of the test")
@DirtiesContext // no other test needs this application
class DevelopmentLoginTests {

  private static final String CALLBACK = "http://localhost:8080/login/oauth2/code/console";

  @LocalServerPort int port;

  @ParameterizedTest
  @CsvSource({"demo, false", "other, false", "operator, true", "approver, true"})
  void grantsAllScopesOfTheClient(String client, boolean operator) {
    Api.Answer answer = tokenFor(client, client + "-secret");

    JsonNode claims = claims(answer.at("/access_token"));
    assertThat(claims.at("/sub").asString()).isEqualTo(client);
    assertThat(claims.at("/iss").asString()).isEqualTo("http://localhost:" + port);
    assertThat(claims.at("/aud").toString()).contains("evenkeel");
    assertThat(answer.at("/scope").split(" "))
        .contains("accounts:read", "accounts:write", "payments:read", "payments:write");
    assertThat(answer.at("/scope").contains("operations")).isEqualTo(operator);
    assertThat(answer.body().at("/expires_in").asInt()).isBetween(3590, 3600);
  }

  @Test
  void givesTokensThatTheApplicationAccepts() {
    Api demo = Api.withToken(port, tokenFor("demo", "demo-secret").at("/access_token"));
    Api other = Api.withToken(port, tokenFor("other", "other-secret").at("/access_token"));
    Api operator = Api.withToken(port, tokenFor("operator", "operator-secret").at("/access_token"));

    String account = "/v1/accounts/" + demo.openAccount(0);
    assertThat(demo.get(account).status()).isEqualTo(200);
    assertThat(operator.get(account).status()).isEqualTo(200);
    assertRefused(other.get(account), 404, "not-found");
    assertRefused(demo.get("/v1/operations/ledger"), 403, "forbidden");
    assertThat(operator.get("/v1/operations/ledger").status()).isEqualTo(200);
  }

  @Test
  void rejectsTokensOfOtherIssuers() {
    assertRefused(new Api(port, "demo").get("/v1/accounts"), 401, "unauthorized");
  }

  @Test
  void rejectsAWrongSecret() {
    assertThat(tokenFor("demo", "operator-secret").status()).isEqualTo(401);
  }

  @Test
  void narrowsATokenToTheScopesAskedFor() {
    Api.Answer answer = token("demo", "demo-secret", "&scope=accounts:read");

    assertThat(claims(answer.at("/access_token")).at("/scope").toString())
        .isEqualTo("[\"accounts:read\"]");
    assertThat(token("demo", "demo-secret", "&scope=operations").status()).isEqualTo(400);
  }

  /** Everybody knows the logins. Where 127.0.0.2 is no address of this machine, nothing answers. */
  @Test
  void listensToThisMachineOnly() throws IOException {
    try (Socket socket = new Socket()) {
      assertThatThrownBy(() -> socket.connect(new InetSocketAddress("127.0.0.2", port), 2000))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void thePageOfTheApiLoadsOnlyWhatIsOurs() throws Exception {
    try (HttpClient browser = HttpClient.newHttpClient()) {
      assertThat(
              browse(browser, "/swagger-ui/index.html")
                  .headers()
                  .firstValue("Content-Security-Policy"))
          .hasValueSatisfying(policy ->
              assertThat(policy)
                  .startsWith("default-src 'none'; script-src 'self'; connect-src 'self';"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "operator"})
  void letsPeopleLogIn(String person) throws Exception {
    String verifier = "a-verifier-of-at-least-forty-three-characters";
    String challenge =
        base64(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(US_ASCII)));
    try (HttpClient browser = browser()) {
      HttpResponse<String> asked = askForACode(browser, challenge);
      assertThat(location(asked)).endsWith("/login");
      HttpResponse<String> loggedIn = logIn(browser, person);
      HttpResponse<String> back =
          browse(browser, location(loggedIn).replaceFirst("http://[^/]*", ""));
      assertThat(location(back)).startsWith(CALLBACK + "?code=");

      HttpResponse<String> token =
          post(
              browser,
              "/oauth2/token",
              "grant_type=authorization_code&client_id=console&code_verifier="
                  + verifier
                  + "&code="
                  + location(back).replaceFirst(".*code=", "")
                  + "&redirect_uri="
                  + URLEncoder.encode(CALLBACK, US_ASCII));
      String accessToken =
          JsonMapper.shared().readTree(token.body()).at("/access_token").asString();
      assertThat(claims(accessToken).at("/sub").asString()).isEqualTo(person);
      assertThat(claims(accessToken).at("/scope").toString())
          .isEqualTo(
              person.equals("demo") ? "[\"accounts:read\"]" : "[\"accounts:read\",\"operations\"]");
      assertThat(Api.withToken(port, accessToken).get("/v1/accounts").status()).isEqualTo(200);
    }
  }

  @Test
  void remembersPeopleWhoseSessionIsGone() throws Exception {
    try (HttpClient browser = browser();
        HttpClient withoutSession = HttpClient.newHttpClient()) {
      String cookie = rememberMe(logIn(browser, "demo"));
      assertThat(cookie).contains("HttpOnly", "SameSite=Lax");

      assertThat(location(askForACode(withoutSession, "challenge", cookie.split(";")[0])))
          .startsWith(CALLBACK + "?code=");
    }
  }

  @Test
  void remembersPeopleOfAnEarlierStart() throws Exception {
    try (HttpClient browser = HttpClient.newHttpClient()) {
      assertThat(location(askForACode(browser, "challenge", remembered(Duration.ofDays(1)))))
          .startsWith(CALLBACK + "?code=");
    }
  }

  @Test
  void doesNotRememberPeopleForever() throws Exception {
    try (HttpClient browser = HttpClient.newHttpClient()) {
      assertThat(location(askForACode(browser, "challenge", remembered(Duration.ZERO))))
          .endsWith("/login");
    }
  }

  @Test
  void remembersNobodyElse() throws Exception {
    String demo = remembered(Duration.ofDays(1)).replaceFirst("remember-me=", "");
    String operator =
        new String(Base64.getDecoder().decode(demo), US_ASCII).replaceFirst("^demo:", "operator:");

    try (HttpClient browser = HttpClient.newHttpClient()) {
      String forged = Base64.getEncoder().encodeToString(operator.getBytes(US_ASCII));
      assertThat(location(askForACode(browser, "challenge", "remember-me=" + forged)))
          .endsWith("/login");
    }
  }

  /** The cookie of a login at an earlier start. */
  private static String remembered(Duration validity) {
    PasswordEncoder encoder = new BCryptPasswordEncoder(4);
    MockHttpServletResponse earlier = new MockHttpServletResponse();
    RememberedLogin login =
        new RememberedLogin(new InMemoryUserDetailsManager(Logins.users(encoder)));
    login.setTokenValiditySeconds((int) validity.toSeconds());
    login.loginSuccess(
        new MockHttpServletRequest(),
        earlier,
        new TestingAuthenticationToken("demo", encoder.encode("demo-secret")));
    return "remember-me=" + Objects.requireNonNull(earlier.getCookie("remember-me")).getValue();
  }

  @Test
  void forgetsPeopleWhoLogOut() throws Exception {
    try (HttpClient browser = browser()) {
      logIn(browser, "demo");
      assertThat(location(askForACode(browser, "challenge"))).startsWith(CALLBACK + "?code=");

      post(browser, "/logout", "_csrf=" + csrf(browse(browser, "/logout").body()));

      assertThat(location(askForACode(browser, "challenge"))).endsWith("/login");
    }
  }

  private static HttpClient browser() {
    return HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
  }

  private HttpResponse<String> askForACode(HttpClient browser, String challenge, String... cookie)
      throws IOException, InterruptedException {
    return browse(
        browser,
        "/oauth2/authorize?response_type=code&client_id=console&code_challenge_method=S256"
            + "&scope=accounts:read%20operations&code_challenge="
            + challenge
            + "&redirect_uri="
            + URLEncoder.encode(CALLBACK, US_ASCII),
        cookie);
  }

  private HttpResponse<String> logIn(HttpClient browser, String person)
      throws IOException, InterruptedException {
    HttpResponse<String> page = browse(browser, "/login");
    assertThat(page.headers().firstValue("Content-Security-Policy"))
        .hasValueSatisfying(policy -> assertThat(policy).startsWith("default-src 'none'"));
    assertThat(page.body()).doesNotContain("<style", "<script", "style=", "checkbox");
    return post(
        browser,
        "/login",
        "username=" + person + "&password=" + person + "-secret&_csrf=" + csrf(page.body()));
  }

  private static String rememberMe(HttpResponse<String> response) {
    return response.headers().allValues("Set-Cookie").stream()
        .filter(cookie -> cookie.startsWith("remember-me="))
        .findFirst()
        .orElseThrow();
  }

  private Api.Answer tokenFor(String client, String secret) {
    return token(client, secret, "");
  }

  private Api.Answer token(String client, String secret, String more) {
    String credentials =
        Base64.getEncoder().encodeToString((client + ":" + secret).getBytes(US_ASCII));
    Api api = Api.anonymous(port);
    return api.send(
        api.request("/oauth2/token")
            .header("Authorization", "Basic " + credentials)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString("grant_type=client_credentials" + more)));
  }

  private static JsonNode claims(String token) {
    return JsonMapper.shared().readTree(Base64.getUrlDecoder().decode(token.split("\\.")[1]));
  }

  private HttpResponse<String> browse(HttpClient browser, String path, String... cookies)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at(path)).header("Accept", "text/html,*/*;q=0.8");
    for (String cookie : cookies) {
      request.header("Cookie", cookie);
    }
    return browser.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(HttpClient browser, String path, String form)
      throws IOException, InterruptedException {
    return browser.send(
        HttpRequest.newBuilder(at(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form))
            .build(),
        BodyHandlers.ofString());
  }

  private URI at(String path) {
    return URI.create("http://localhost:" + port + path);
  }

  private static String location(HttpResponse<String> response) {
    return response
        .headers()
        .firstValue("Location")
        .orElseThrow(() -> new AssertionError(response.body()));
  }

  private static String csrf(String page) {
    Matcher token = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]*)\"").matcher(page);
    assertThat(token.find()).as(page).isTrue();
    return URLEncoder.encode(token.group(1), US_ASCII);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
