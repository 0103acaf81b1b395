package dev.devservices;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the provider simulator that starts with the application.
 *
 * @param port the port on the loopback address; 0 for any free port
 * @param feeBasisPoints what each charge costs, in hundredths of a percent
 */
@Validated
@ConfigurationProperties("evenkeel.simulator")
record SimulatorSettings(
    @DefaultValue("9090") @Min(0) @Max(65535) int port,
    @DefaultValue("0") @Min(0) @Max(10_000) int feeBasisPoints) {}
