package dev.evenkeel.console;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.springframework.context.ApplicationContext;
import org.springframework.stereotype.Component;
import org.thymeleaf.context.Context;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.spring6.expression.ThymeleafEvaluationContext;

/** Renders parts of pages outside of a request. Such a part has no form: its token is missing. */
@ConsolePart
@Component
class PartRenderer {

  static final int MAX_RENDERINGS = maxRenderings(Runtime.getRuntime().availableProcessors());

  private final Semaphore places = new Semaphore(MAX_RENDERINGS, true);
  private final SpringTemplateEngine templates;
  private final ApplicationContext beans;

  PartRenderer(SpringTemplateEngine templates, ApplicationContext beans) {
    this.templates = templates;
    this.beans = beans;
    templates.setLinkBuilder(new PageLinks());
  }

  /** Half of the processors and few connections: the others are left to requests. */
  static int maxRenderings(int processors) {
    return Math.clamp(processors / 2, 1, 4);
  }

  /** The HTML of each part, by its name. */
  Map<String, String> render(LivePage page) {
    places.acquireUninterruptibly();
    try {
      return renderNow(page);
    } finally {
      places.release();
    }
  }

  private Map<String, String> renderNow(LivePage page) {
    Map<String, Object> model = page.model().get();
    Map<String, String> rendered = new LinkedHashMap<>();
    for (String part : page.parts()) {
      // A context of its own, as a rendering changes it
      Context context = new Context(Locale.ENGLISH, model);
      context.setVariable(
          ThymeleafEvaluationContext.THYMELEAF_EVALUATION_CONTEXT_CONTEXT_VARIABLE_NAME,
          new ThymeleafEvaluationContext(beans, null));
      rendered.put(part, templates.process(page.template(), Set.of(part), context));
    }
    return rendered;
  }
}
