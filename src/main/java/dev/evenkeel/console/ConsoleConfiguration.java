package dev.evenkeel.console;

import dev.evenkeel.http.FormBody;
import jakarta.servlet.DispatcherType;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.catalina.session.StandardManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserRequest;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserService;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.security.oauth2.core.user.OAuth2User;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoderInitializationException;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.HttpStatusEntryPoint;
import org.springframework.security.web.authentication.SimpleUrlAuthenticationFailureHandler;
import org.springframework.security.web.authentication.logout.LogoutHandler;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.web.client.RestClient;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Logs people in at the issuer, and keeps the access token in their session. The token is validated
 * as the API validates it, so a session can do what its token could.
 */
@ConsolePart
@Configuration(proxyBeanMethods = false)
class ConsoleConfiguration implements WebMvcConfigurer {

  private static final String ASSETS = "/console/assets/**";

  /** Forms, scripts, styles and streams of this origin only; nothing inline, and no frames. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  /**
   * Far more than there are operators. Anyone can begin a login, so without a bound memory has
   * none.
   */
  private static final int MAX_SESSIONS = 10_000;

  /** With the version of pom.xml. */
  private static final String HTMX = "classpath:/META-INF/resources/webjars/htmx.org/2.0.10/dist/";

  private static final String HTMX_SSE =
      "classpath:/META-INF/resources/webjars/htmx-ext-sse/2.2.2/";

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(2);

  private final ObjectProvider<BreakItPages> breakIt;

  ConsoleConfiguration(ObjectProvider<BreakItPages> breakIt) {
    this.breakIt = breakIt;
  }

  @Bean
  static WebServerFactoryCustomizer<TomcatServletWebServerFactory> boundedSessions() {
    return factory ->
        factory.addContextCustomizers(context -> {
          StandardManager sessions = new StandardManager();
          sessions.setMaxActiveSessions(MAX_SESSIONS);
          context.setManager(sessions);
        });
  }

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    registry
        .addResourceHandler(ASSETS)
        .addResourceLocations("classpath:/dev/evenkeel/console/assets/", HTMX, HTMX_SSE);
  }

  @Override
  public void addInterceptors(InterceptorRegistry interceptors) {
    interceptors
        .addInterceptor(new PageAccess(breakIt.getIfAvailable() != null))
        .addPathPatterns("/console", "/console/**")
        .excludePathPatterns(ASSETS);
  }

  /** Comes before the chain of the API, which matches every path. */
  @Bean
  @Order(-5)
  SecurityFilterChain console(
      HttpSecurity http,
      JwtDecoder decoder,
      JwtAuthenticationConverter converter,
      ObjectProvider<LogoutHandler> issuers) {
    EndedSession ended = new EndedSession();
    return http.securityMatcher(
            "/console", "/console/**", "/oauth2/authorization/console", LoginSession.CALLBACK)
        .authorizeHttpRequests(requests ->
            requests
                .requestMatchers(ASSETS, LoginSession.FAILED, LoginSession.OUT, EndedSession.PAGE)
                .permitAll()
                // A stream that ends is dispatched again, perhaps because its login has ended
                .dispatcherTypeMatchers(DispatcherType.ASYNC)
                .permitAll()
                .anyRequest()
                .authenticated())
        .securityContext(
            context -> context.securityContextRepository(new LoginSession(InstantSource.system())))
        .addFilterBefore(new FormBody(), CsrfFilter.class)
        .requestCache(asked -> asked.requestCache(pagesAskedFor()))
        .exceptionHandling(refused ->
            refused
                .accessDeniedHandler(ended)
                .defaultAuthenticationEntryPointFor(ended, EndedSession::isForm)
                .defaultAuthenticationEntryPointFor(
                    new HttpStatusEntryPoint(HttpStatus.UNAUTHORIZED),
                    request -> !EndedSession.isPage(request)))
        .oauth2Login(login ->
            login
                .defaultSuccessUrl("/console")
                .loginPage("/oauth2/authorization/console")
                .failureHandler(failed())
                .tokenEndpoint(token -> token.accessTokenResponseClient(tokenEndpoint()))
                .authorizedClientRepository(new NoTokenStore())
                .userInfoEndpoint(user -> user.userService(tokenHolder(decoder, converter))))
        .logout(logout -> {
          logout.logoutUrl("/console/logout").logoutSuccessUrl(LoginSession.OUT);
          // The development issuer shares our session, so it ends its login as well
          issuers.forEach(logout::addLogoutHandler);
        })
        .headers(headers -> headers.contentSecurityPolicy(csp -> csp.policyDirectives(POLICY)))
        .build();
  }

  private static AuthenticationFailureHandler failed() {
    SimpleUrlAuthenticationFailureHandler failed =
        new SimpleUrlAuthenticationFailureHandler(LoginSession.FAILED);
    failed.setAllowSessionCreation(false);
    return failed;
  }

  /** Spring Security's own, with timeouts: a request keeps its place while the issuer is asked. */
  private static RestClientAuthorizationCodeTokenResponseClient tokenEndpoint() {
    SimpleClientHttpRequestFactory requests = new SimpleClientHttpRequestFactory();
    requests.setConnectTimeout(CONNECT_TIMEOUT);
    requests.setReadTimeout(READ_TIMEOUT);
    RestClientAuthorizationCodeTokenResponseClient client =
        new RestClientAuthorizationCodeTokenResponseClient();
    client.setRestClient(
        RestClient.builder()
            .requestFactory(requests)
            .configureMessageConverters(converters ->
                converters
                    .addCustomConverter(new FormHttpMessageConverter())
                    .addCustomConverter(new OAuth2AccessTokenResponseHttpMessageConverter()))
            .defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
            .build());
    return client;
  }

  /** Keeps the page that a person asked for during the login, apart from the issuer's own. */
  private static HttpSessionRequestCache pagesAskedFor() {
    HttpSessionRequestCache pages = new HttpSessionRequestCache();
    pages.setSessionAttrName("CONSOLE_PAGE");
    pages.setRequestMatcher(
        request -> request.getMethod().equals("GET") && EndedSession.isPage(request));
    return pages;
  }

  /** Reads who has logged in from the access token; the issuer is asked for nothing else. */
  private static OAuth2UserService<OAuth2UserRequest, OAuth2User> tokenHolder(
      JwtDecoder decoder, JwtAuthenticationConverter converter) {
    return request -> {
      try {
        return new LoginSession.TokenHolder(
            (JwtAuthenticationToken)
                converter.convert(decoder.decode(request.getAccessToken().getTokenValue())));
      } catch (JwtException | JwtDecoderInitializationException invalid) {
        throw new OAuth2AuthenticationException(
            new OAuth2Error(OAuth2ErrorCodes.INVALID_TOKEN), invalid);
      }
    };
  }
}
