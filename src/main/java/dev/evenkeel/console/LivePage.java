package dev.evenkeel.console;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A page that follows what happens: parts of it are rendered again and sent when they have changed.
 *
 * @param template the page's template
 * @param parts its fragments that change; each is sent as an event of its name
 * @param model reads what the parts show, anew for each update; may throw when that cannot be read
 */
public record LivePage(String template, List<String> parts, Supplier<Map<String, Object>> model) {}
