package dev.devservices.login;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;

/**
 * The people and clients that can log in. Each name is a client for programs and a user for people,
 * and its secret is the name with {@code -secret} appended. They are for development only:
 * everybody knows them.
 */
final class Logins {

  private static final Set<String> OWNER =
      Set.of(
          "notifications:read", // part of notifications
          "notifications:write", // part of notifications
          "accounts:read",
          "accounts:write",
          "payments:read",
          "payments:write");

  private static final Set<String> OPERATOR = with(OWNER, "operations");

  private static final Map<String, Set<String>> SCOPES =
      Map.of("demo", OWNER, "other", OWNER, "operator", OPERATOR, "approver", OPERATOR);

  private static final TokenSettings TOKENS =
      TokenSettings.builder().accessTokenTimeToLive(Duration.ofHours(1)).build();

  private Logins() {}

  private static Set<String> with(Set<String> scopes, String another) {
    Set<String> all = new TreeSet<>(scopes);
    all.add(another);
    return all;
  }

  /** The scopes that a client or user can have. */
  static Set<String> scopes(String name) {
    return SCOPES.getOrDefault(name, Set.of());
  }

  static List<UserDetails> users(PasswordEncoder encoder) {
    return SCOPES.keySet().stream()
        .map(name -> User.withUsername(name).password(secret(name, encoder)).build())
        .toList();
  }

  /**
   * @param port of the application
   */
  static List<RegisteredClient> clients(PasswordEncoder encoder, int port) {
    Stream<RegisteredClient> programs =
        SCOPES.keySet().stream()
            .map(name ->
                client(name)
                    .clientSecret(secret(name, encoder))
                    .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                    .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                    .scopes(scopes -> scopes.addAll(scopes(name)))
                    .build());
    return Stream.concat(programs, Stream.of(console(port))).toList();
  }

  /** What people log in to: a public client, which proves itself with PKCE. */
  private static RegisteredClient console(int port) {
    return client("console")
        .clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
        .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
        .redirectUri("http://localhost:8080/login/oauth2/code/console")
        .redirectUri("http://localhost:%d/login/oauth2/code/console".formatted(port))
        // With an address in place of the name, any port
        .redirectUri("http://127.0.0.1/login/oauth2/code/console")
        .scopes(scopes -> scopes.addAll(OPERATOR))
        .clientSettings(
            ClientSettings.builder()
                .requireProofKey(true)
                .requireAuthorizationConsent(false)
                .build())
        .build();
  }

  private static RegisteredClient.Builder client(String name) {
    return RegisteredClient.withId(name).clientId(name).tokenSettings(TOKENS);
  }

  private static String secret(String name, PasswordEncoder encoder) {
    return encoder.encode(name + "-secret");
  }
}
