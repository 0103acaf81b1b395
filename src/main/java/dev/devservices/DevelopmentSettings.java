package dev.devservices;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the development services.
 *
 * @param data folder of the development database and the simulator's file; data is kept for the
 *     next start with the same folder
 */
@ConfigurationProperties("evenkeel.development")
record DevelopmentSettings(@DefaultValue(".evenkeel") Path data) {}
