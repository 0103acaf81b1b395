package dev.evenkeel.events;

import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of stored events.
 *
 * @param renamed the current names of renamed event classes by their former names, so that events
 *     stored under a former name can still be read
 */
@ConfigurationProperties("evenkeel.events")
record EventSettings(@DefaultValue Map<String, String> renamed) {}
