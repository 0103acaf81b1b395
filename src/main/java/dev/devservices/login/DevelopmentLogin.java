package dev.devservices.login;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Profile;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.http.MediaType;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.oauth2.server.authorization.OAuth2AuthorizationServerConfigurer;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientCredentialsAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.oauth2.server.authorization.web.authentication.OAuth2ClientCredentialsAuthenticationConverter;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.authentication.RememberMeServices;
import org.springframework.security.web.authentication.logout.LogoutFilter;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.security.web.util.matcher.MediaTypeRequestMatcher;

/**
 * Issues tokens, and decodes them for the application without a request to itself. The key lives as
 * long as the process: a token from before a restart is invalid.
 */
@AutoConfiguration(before = OAuth2ResourceServerAutoConfiguration.class)
@Profile("development")
@ConditionalOnProperty(
    name = "spring.security.oauth2.resourceserver.jwt.issuer-uri",
    havingValue = "none",
    matchIfMissing = true) // that is, unless an issuer is configured
class DevelopmentLogin {

  private final Environment environment;

  DevelopmentLogin(Environment environment) {
    this.environment = environment;
  }

  /** The application's own address, which is known once it listens. */
  private String issuer() {
    return "http://localhost:" + environment.getProperty("local.server.port");
  }

  @Bean
  @Order(-30)
  SecurityFilterChain authorizationServer(HttpSecurity http, RememberedLogin remembered) {
    OAuth2AuthorizationServerConfigurer server = new OAuth2AuthorizationServerConfigurer();
    server.tokenEndpoint(
        token -> token.accessTokenRequestConverter(DevelopmentLogin::clientCredentials));
    return http.securityMatcher(server.getEndpointsMatcher())
        .with(server, Customizer.withDefaults())
        // In its usual place it would come after the filter that answers requests for a code
        .addFilterAfter(remembered.filter(), LogoutFilter.class)
        .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        // The default one keeps no request that also accepts JSON, as those of browsers do here
        .requestCache(asked -> asked.requestCache(new HttpSessionRequestCache()))
        .exceptionHandling(refused ->
            refused.defaultAuthenticationEntryPointFor(
                new LoginUrlAuthenticationEntryPoint("/login"),
                new MediaTypeRequestMatcher(MediaType.TEXT_HTML)))
        .build();
  }

  @Bean
  @Order(-20)
  SecurityFilterChain loginPage(HttpSecurity http, RememberedLogin remembered) {
    // Read by the form; the configurer for it would add a checkbox to the page
    http.setSharedObject(RememberMeServices.class, remembered);
    return http.securityMatcher("/login", "/logout", "/default-ui.css")
        .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .formLogin(Customizer.withDefaults())
        .logout(logout -> logout.addLogoutHandler(remembered))
        .headers(headers ->
            headers.contentSecurityPolicy(policy ->
                policy.policyDirectives(
                    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
                        + " frame-ancestors 'none'")))
        .build();
  }

  /** The API's description is public in development. */
  @Bean
  @Order(-10)
  SecurityFilterChain documentation(HttpSecurity http) {
    return http.securityMatcher(
            "/v3/api-docs*", "/v3/api-docs/**", "/swagger-ui*", "/swagger-ui/**")
        .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
        .headers(headers ->
            headers.contentSecurityPolicy(policy ->
                policy.policyDirectives(
                    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
                        + " style-src 'self' 'unsafe-inline'; base-uri 'none';"
                        + " frame-ancestors 'none'")))
        .build();
  }

  /** A request for a token that names no scope gets all scopes of the client. */
  private static @Nullable Authentication clientCredentials(HttpServletRequest request) {
    Authentication asked = new OAuth2ClientCredentialsAuthenticationConverter().convert(request);
    return asked instanceof OAuth2ClientCredentialsAuthenticationToken token
            && token.getScopes().isEmpty()
            && token.getPrincipal() instanceof OAuth2ClientAuthenticationToken client
            && client.getRegisteredClient() instanceof RegisteredClient registered
        ? new OAuth2ClientCredentialsAuthenticationToken(
            client, registered.getScopes(), token.getAdditionalParameters())
        : asked;
  }

  @Bean
  AuthorizationServerSettings authorizationServerSettings() {
    return AuthorizationServerSettings.builder().build();
  }

  @Bean
  JWKSource<SecurityContext> keys() throws JOSEException {
    return new ImmutableJWKSet<>(
        new JWKSet(new RSAKeyGenerator(2048).keyIDFromThumbprint(true).generate()));
  }

  /** A person's token has no more scopes than the person, whatever the console asked for. */
  @Bean
  OAuth2TokenCustomizer<JwtEncodingContext> claims(OAuth2ResourceServerProperties settings) {
    return token -> {
      Set<String> scopes = new TreeSet<>(token.getAuthorizedScopes());
      Authentication owner = Objects.requireNonNull(token.getPrincipal());
      scopes.retainAll(Logins.scopes(owner.getName()));
      token
          .getClaims()
          .issuer(issuer())
          .audience(settings.getJwt().getAudiences())
          .claim(OAuth2ParameterNames.SCOPE, scopes);
    };
  }

  @Bean
  JwtDecoder decoder(
      JWKSource<SecurityContext> keys,
      OAuth2ResourceServerProperties settings,
      ObjectProvider<OAuth2TokenValidator<Jwt>> others) {
    List<OAuth2TokenValidator<Jwt>> validators = new ArrayList<>(others.orderedStream().toList());
    validators.add(
        new JwtClaimValidator<Object>(
            JwtClaimNames.ISS, iss -> issuer().equals(String.valueOf(iss))));
    validators.add(
        new JwtClaimValidator<List<String>>(
            JwtClaimNames.AUD,
            aud -> aud != null && !Collections.disjoint(aud, settings.getJwt().getAudiences())));
    NimbusJwtDecoder decoder = NimbusJwtDecoder.withJwkSource(keys).build();
    decoder.setJwtValidator(JwtValidators.createDefaultWithValidators(validators));
    return decoder;
  }

  /** A cheap encoder: the secrets are public. */
  @Bean
  PasswordEncoder passwordEncoder() {
    return new BCryptPasswordEncoder(4);
  }

  @Bean
  UserDetailsService users(PasswordEncoder encoder) {
    return new InMemoryUserDetailsManager(Logins.users(encoder));
  }

  @Bean
  RememberedLogin rememberedLogin(UserDetailsService users) {
    return new RememberedLogin(users);
  }

  @Bean
  RegisteredClientRepository clients(
      PasswordEncoder encoder, @Value("${server.port:8080}") int port) {
    return new InMemoryRegisteredClientRepository(Logins.clients(encoder, port));
  }
}
