package dev.evenkeel.http.security;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetBasedJWKSource;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetSourceWrapper;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.ConfigurableJWTProcessor;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the keys of the issuer, at most every ten seconds, whatever keys the tokens name. Between
 * two fetches, and while the issuer is away, it reports them as unavailable, so that the decoder
 * keeps using those that it has.
 */
final class IssuerKeys extends JWKSetSourceWrapper<SecurityContext> {

  private static final long MIN_INTERVAL = Duration.ofSeconds(10).toMillis();
  private static final long TIME_TO_LIVE = Duration.ofMinutes(5).toMillis();
  private static final long REFRESH_AHEAD = Duration.ofMinutes(1).toMillis();
  private static final long MAX_OUTAGE = Duration.ofHours(12).toMillis();

  /**
   * How long a token with an unknown key waits while another request fetches the keys. It has a
   * place among the concurrent requests meanwhile.
   */
  private static final long MAX_WAIT = Duration.ofMillis(200).toMillis();

  private long fetchedAt = -MIN_INTERVAL;

  private IssuerKeys(JWKSetSource<SecurityContext> issuer) {
    super(issuer);
  }

  /** Lets a decoder keep using the keys that it knows while the issuer is away. */
  static void outlastOutages(ConfigurableJWTProcessor<SecurityContext> decoder) {
    // Spring Security builds these, and offers no setting for how keys are cached.
    var selector = (JWSVerificationKeySelector<SecurityContext>) decoder.getJWSKeySelector();
    var cached = ((JWKSetBasedJWKSource<?>) selector.getJWKSource()).getJWKSetSource();
    @SuppressWarnings("unchecked")
    var issuer = ((JWKSetSourceWrapper<SecurityContext>) cached).getSource();
    decoder.setJWSKeySelector(
        new JWSVerificationKeySelector<>(
            JWSAlgorithm.Family.SIGNATURE.stream()
                .filter(selector::isAllowed)
                .collect(Collectors.toSet()),
            cached(issuer)));
  }

  /** Refreshes keys before they are due, on another thread, so that no request waits for it. */
  static JWKSource<SecurityContext> cached(JWKSetSource<SecurityContext> issuer) {
    return JWKSourceBuilder.create(new IssuerKeys(issuer))
        .cache(TIME_TO_LIVE, MAX_WAIT)
        .refreshAheadCache(
            REFRESH_AHEAD, null, Executors.newVirtualThreadPerTaskExecutor(), true, null, false)
        .outageTolerant(MAX_OUTAGE)
        .rateLimited(false)
        .build();
  }

  @Override
  public synchronized JWKSet getJWKSet(
      JWKSetCacheRefreshEvaluator refresh, long now, @Nullable SecurityContext context)
      throws KeySourceException {
    if (now - fetchedAt < MIN_INTERVAL) {
      throw new JWKSetUnavailableException("The issuer was asked a moment ago");
    }
    fetchedAt = now;
    try {
      return getSource().getJWKSet(refresh, now, context);
    } catch (KeySourceException away) {
      throw new JWKSetUnavailableException("The issuer does not answer", away);
    }
  }
}
