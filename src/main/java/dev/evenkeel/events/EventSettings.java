package dev.evenkeel.events;

import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of events.
 *
 * @param renamed the present name of an event's class, by the one that it had: what was published
 *     under the old one is still read
 */
@ConfigurationProperties("evenkeel.events")
record EventSettings(@DefaultValue Map<String, String> renamed) {}
