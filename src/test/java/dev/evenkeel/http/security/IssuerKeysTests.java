package dev.evenkeel.http.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.RemoteKeySourceException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.source.JWKSetBasedJWKSource;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The issuer's keys while it is away, and for tokens with keys that nobody knows. */
@Timeout(20)
class IssuerKeysTests {

  private final Issuer issuer = new Issuer();
  private final JWKSource<SecurityContext> keys = IssuerKeys.cached(issuer);
  private final Instant start = Instant.now();

  IssuerKeysTests() throws JOSEException {}

  /** An issuer that answers, fails or hangs. */
  private static final class Issuer implements JWKSetSource<SecurityContext> {

    final JWKSet known = new JWKSet(new ECKeyGenerator(Curve.P_256).keyID("known").generate());
    final AtomicInteger requests = new AtomicInteger();
    volatile boolean away;
    @Nullable volatile CountDownLatch hangs;

    Issuer() throws JOSEException {}

    @Override
    public JWKSet getJWKSet(
        JWKSetCacheRefreshEvaluator refresh, long now, @Nullable SecurityContext context)
        throws KeySourceException {
      requests.incrementAndGet();
      CountDownLatch end = hangs;
      if (end != null) {
        try {
          end.await();
        } catch (InterruptedException closed) {
          Thread.currentThread().interrupt();
        }
      }
      if (away) {
        throw new RemoteKeySourceException("away", null);
      }
      return known;
    }

    @Override
    public void close() {}
  }

  private List<JWK> find(String key) throws KeySourceException {
    return keys.get(new JWKSelector(new JWKMatcher.Builder().keyID(key).build()), null);
  }

  private int keysAfter(Duration time) throws KeySourceException {
    return ((JWKSetBasedJWKSource<SecurityContext>) keys)
        .getJWKSetSource()
        .getJWKSet(JWKSetCacheRefreshEvaluator.noRefresh(), start.plus(time).toEpochMilli(), null)
        .size();
  }

  @Test
  void knownKeysOutlastAnOutage() throws KeySourceException {
    keysAfter(Duration.ZERO);
    issuer.away = true;

    for (int minutes = 0; minutes < 11 * 60; minutes += 7) {
      assertThat(keysAfter(Duration.ofMinutes(minutes))).isEqualTo(1);
    }
    assertThatThrownBy(() -> keysAfter(Duration.ofHours(13)))
        .isInstanceOf(KeySourceException.class);
  }

  @Test
  void requestsDoNotWaitForARefresh() throws KeySourceException {
    keysAfter(Duration.ZERO);
    CountDownLatch end = new CountDownLatch(1);
    issuer.hangs = end;
    try {
      assertThat(keysAfter(Duration.ofMinutes(4).plusSeconds(30))).isEqualTo(1);
      await().until(() -> issuer.requests.get() == 2);
      assertThat(keysAfter(Duration.ofMinutes(4).plusSeconds(40))).isEqualTo(1);
    } finally {
      end.countDown();
    }
  }

  @Test
  void tokensWaitBrieflyWhileTheIssuerHangs() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    issuer.hangs = end;
    try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable _ = end::countDown) {
      Future<List<JWK>> first = requests.submit(() -> find("known"));
      await().until(() -> issuer.requests.get() == 1);
      Future<List<JWK>> second = requests.submit(() -> find("known"));

      await().atMost(Duration.ofSeconds(5)).until(second::isDone);
      assertThat(second.exceptionNow()).isInstanceOf(KeySourceException.class);
      assertThat(first).isNotDone();
      end.countDown();
      assertThat(first.get()).hasSize(1);
    }
  }

  @Test
  void unknownKeysDoNotFloodTheIssuer() throws KeySourceException {
    for (int i = 0; i < 1000; i++) {
      assertThat(find("unknown")).isEmpty();
    }

    assertThat(issuer.requests.get()).isLessThanOrEqualTo(2);
    assertThat(find("known")).hasSize(1);
  }

  @Test
  void unknownKeysDoNotFloodAnIssuerThatIsAway() throws KeySourceException {
    find("known");
    issuer.away = true;
    for (int i = 0; i < 1000; i++) {
      assertThat(find("unknown")).isEmpty();
    }

    assertThat(issuer.requests.get()).isLessThanOrEqualTo(2);
    assertThat(find("known")).hasSize(1);
  }

  @Test
  void failsWithoutAnyKeys() {
    issuer.away = true;
    for (int i = 0; i < 1000; i++) {
      assertThatThrownBy(() -> find("known")).isInstanceOf(KeySourceException.class);
    }

    assertThat(issuer.requests.get()).isLessThanOrEqualTo(2);
  }
}
