package dev.evenkeel.http.limits;

import jakarta.validation.constraints.Min;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of requests, on each instance.
 *
 * @param requestsPerSecond how many requests of one owner are answered per second; 0 for any number
 * @param expensiveReads how many requests of each kind run at once
 */
@Validated
@ConfigurationProperties("evenkeel.limits")
record LimitsSettings(
    @DefaultValue("0") @Min(0) int requestsPerSecond,
    @DefaultValue Map<String, @Min(1) Integer> expensiveReads) {}
