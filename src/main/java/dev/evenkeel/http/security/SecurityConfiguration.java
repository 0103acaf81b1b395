package dev.evenkeel.http.security;

import jakarta.servlet.DispatcherType;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.JwkSetUriJwtDecoderBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationProvider;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AuthenticationEntryPointFailureHandler;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.header.writers.StaticHeadersWriter;
import org.springframework.web.client.RestTemplate;

/**
 * Demands a token for every path that is not listed here, also for those that do not exist. Scopes
 * are checked later, by the controllers' interceptor, because the path and the media types come
 * before them.
 *
 * <p>Boot makes the decoder from {@code spring.security.oauth2.resourceserver.jwt}: it asks the
 * issuer for its keys with the first token, and accepts their asymmetric algorithms only.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(2);

  private static final String OPERATIONS = "operations";
  private static final int MAX_OWNER_LENGTH = 255;

  @Bean
  @Order(0)
  SecurityFilterChain api(
      HttpSecurity http,
      JwtDecoder decoder,
      JwtAuthenticationConverter converter,
      SecurityProblems problems) {
    return http.authorizeHttpRequests(requests ->
            requests
                .dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.ASYNC)
                .permitAll()
                .requestMatchers(
                    "/actuator/health",
                    "/actuator/health/liveness",
                    "/actuator/health/readiness",
                    "/problems/*")
                .permitAll()
                // The provider signs them
                .requestMatchers(HttpMethod.POST, "/v1/provider/webhooks")
                .permitAll()
                .requestMatchers("/actuator/**")
                .hasAuthority(OPERATIONS)
                .anyRequest()
                .authenticated())
        .addFilter(bearerTokens(decoder, converter, problems))
        .exceptionHandling(
            refused -> refused.authenticationEntryPoint(problems).accessDeniedHandler(problems))
        .headers(headers ->
            headers
                .cacheControl(cache -> cache.disable())
                .addHeaderWriter(new StaticHeadersWriter(HttpHeaders.CACHE_CONTROL, "no-store"))
                .contentSecurityPolicy(policy ->
                    policy.policyDirectives("default-src 'none'; frame-ancestors 'none'")))
        .sessionManagement(
            sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .csrf(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .build();
  }

  /** The actuator's own port needs no token: only operators' machines can reach it. */
  @Bean
  @Order(-1)
  @ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
  SecurityFilterChain managementPort(HttpSecurity http) {
    return http.securityMatcher(EndpointRequest.toAnyEndpoint())
        .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
        .sessionManagement(
            sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .csrf(AbstractHttpConfigurer::disable)
        .build();
  }

  /**
   * Replaces the DSL's filter, which answers 500 while the issuer is away, and adds a public
   * endpoint.
   */
  private static BearerTokenAuthenticationFilter bearerTokens(
      JwtDecoder decoder, JwtAuthenticationConverter converter, SecurityProblems problems) {
    JwtAuthenticationProvider tokens = new JwtAuthenticationProvider(decoder);
    tokens.setJwtAuthenticationConverter(converter);
    AuthenticationEntryPointFailureHandler failed =
        new AuthenticationEntryPointFailureHandler(problems);
    failed.setRethrowAuthenticationServiceException(false);
    BearerTokenAuthenticationFilter filter =
        new BearerTokenAuthenticationFilter(new TokenCheck(tokens::authenticate));
    filter.setAuthenticationEntryPoint(problems);
    filter.setAuthenticationFailureHandler(failed);
    return filter;
  }

  @Bean
  JwkSetUriJwtDecoderBuilderCustomizer issuer() {
    SimpleClientHttpRequestFactory requests = new SimpleClientHttpRequestFactory();
    requests.setConnectTimeout(CONNECT_TIMEOUT);
    requests.setReadTimeout(READ_TIMEOUT);
    return decoder ->
        decoder
            .restOperations(new RestTemplate(requests))
            .jwtProcessorCustomizer(IssuerKeys::outlastOutages);
  }

  @Bean
  OAuth2TokenValidator<Jwt> expiry() {
    JwtTimestampValidator expiry = new JwtTimestampValidator();
    expiry.setAllowEmptyExpiryClaim(false);
    return expiry;
  }

  /** Access tokens name their type or not, depending on the issuer (RFC 9068). */
  @Bean
  OAuth2TokenValidator<Jwt> type() {
    JwtTypeValidator type = new JwtTypeValidator(List.of("JWT", "at+jwt", "application/at+jwt"));
    type.setAllowEmpty(true);
    return type;
  }

  /** The subject owns what the caller creates. */
  @Bean
  OAuth2TokenValidator<Jwt> subject() {
    return new JwtClaimValidator<String>(
        JwtClaimNames.SUB,
        owner ->
            owner != null
                && !owner.isBlank()
                && owner.length() <= MAX_OWNER_LENGTH
                && owner.chars().noneMatch(Character::isISOControl));
  }

  /**
   * Leaves methods, headers, parameters and odd paths to Spring MVC, which answers them as the
   * contract says. Both parse paths alike.
   */
  @Bean
  HttpFirewall firewall() {
    StrictHttpFirewall firewall = new StrictHttpFirewall();
    firewall.setUnsafeAllowAnyHttpMethod(true);
    firewall.setAllowUrlEncodedDoubleSlash(true);
    firewall.setAllowSemicolon(true);
    firewall.setAllowedHeaderNames(_ -> true);
    firewall.setAllowedHeaderValues(_ -> true);
    firewall.setAllowedParameterNames(_ -> true);
    return firewall;
  }
}
