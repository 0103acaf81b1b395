package dev.evenkeel.http.limits;

import dev.evenkeel.http.ExpensiveRead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(LimitsSettings.class)
class LimitsConfiguration implements WebMvcConfigurer {

  private static final String POOL_SIZE = "spring.datasource.hikari.maximum-pool-size";

  private final LimitsSettings settings;
  private final List<ExpensiveRead.Exemption> exemptions;
  private final BulkheadRegistry bulkheads;

  LimitsConfiguration(
      LimitsSettings settings,
      List<ExpensiveRead.Exemption> exemptions,
      BulkheadRegistry bulkheads,
      @Value("${" + POOL_SIZE + "}") int connections) {
    requireRoomForOthers(settings, connections);
    this.settings = settings;
    this.exemptions = exemptions;
    this.bulkheads = bulkheads;
  }

  /** Each expensive read holds a connection of the requests' pool. */
  private static void requireRoomForOthers(LimitsSettings settings, int connections) {
    int taken = settings.expensiveReads().values().stream().mapToInt(Integer::intValue).sum();
    if (taken >= connections) {
      throw new InvalidConfigurationPropertyValueException(
          POOL_SIZE,
          connections,
          "Expensive reads could leave no connection for other requests: "
              + settings.expensiveReads());
    }
  }

  @Override
  public void addInterceptors(InterceptorRegistry interceptors) {
    if (settings.requestsPerSecond() > 0) {
      interceptors
          .addInterceptor(new RateLimitInterceptor(settings.requestsPerSecond()))
          .addPathPatterns("/v1/**")
          .addPathPatterns("/console/**") // part of console
          .excludePathPatterns("/console/assets/**") // part of console
          .excludePathPatterns("/v1/provider/**")
          .order(Ordered.HIGHEST_PRECEDENCE);
    }
    interceptors
        .addInterceptor(
            new ExpensiveReadInterceptor(settings.expensiveReads(), exemptions, bulkheads))
        .order(Ordered.LOWEST_PRECEDENCE);
  }
}
