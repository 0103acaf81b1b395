package dev.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.function.Supplier;

/** Signs tokens with a key of its own, and serves the key as any issuer does. */
public final class TokenIssuer {

  public static final List<String> OWNER_SCOPES =
      List.of(
          "notifications:read", // part of notifications
          "notifications:write", // part of notifications
          "accounts:read",
          "accounts:write",
          "payments:read",
          "payments:write");

  private static final TokenIssuer OF_TESTS = start(0);

  private final HttpServer server;
  private final RSAKey key;

  private TokenIssuer(HttpServer server, RSAKey key) {
    this.server = server;
    this.key = key;
  }

  /** The issuer that the applications of all tests trust. */
  public static TokenIssuer ofTests() {
    return OF_TESTS;
  }

  /** Runs an issuer in a process of its own: the path {@code /token} gives tokens to anybody. */
  public static void main(String[] arguments) {
    TokenIssuer issuer = start(Integer.parseInt(arguments[0]));
    issuer.serve("/token", () -> issuer.token("foreigner", OWNER_SCOPES));
  }

  private static TokenIssuer start(int port) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      RSAKey key = new RSAKeyGenerator(2048).keyIDFromThumbprint(true).generate();
      TokenIssuer issuer = new TokenIssuer(server, key);
      issuer.serve(
          "/.well-known/openid-configuration",
          () -> "{\"issuer\":\"%1$s\",\"jwks_uri\":\"%1$s/keys\"}".formatted(issuer.uri()));
      issuer.serve("/keys", () -> new JWKSet(key.toPublicJWK()).toString());
      server.start();
      return issuer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private void serve(String path, Supplier<String> text) {
    server.createContext(
        path,
        exchange -> {
          byte[] body = text.get().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  public String uri() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The argument that lets an application trust it. */
  public String argument() {
    return "--" + TrustedIssuer.SETTING + "=" + uri();
  }

  public RSAKey key() {
    return key;
  }

  public String token(String owner, List<String> scopes) {
    return sign(claims(owner, scopes).build());
  }

  /** The claims of a valid token. */
  public JWTClaimsSet.Builder claims(String owner, List<String> scopes) {
    Instant now = Instant.now();
    return new JWTClaimsSet.Builder()
        .issuer(uri())
        .audience("evenkeel")
        .subject(owner)
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plus(Duration.ofHours(12))))
        .claim("scope", String.join(" ", scopes));
  }

  public String sign(JWTClaimsSet claims) {
    return sign(claims, key);
  }

  public static String sign(JWTClaimsSet claims, RSAKey key) {
    try {
      JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build();
      SignedJWT token = new SignedJWT(header, claims);
      token.sign(new RSASSASigner(key));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }
}
