package dev.evenkeel.console;

import dev.evenkeel.database.ConnectionPools;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationContext;
import org.springframework.stereotype.Component;
import org.thymeleaf.context.Context;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.spring6.expression.ThymeleafEvaluationContext;

/**
 * Renders parts of pages outside of a request. Such a part has no form: its token is missing.
 *
 * <p>A rendering computes for milliseconds. A virtual thread is not preempted, so requests would
 * wait for it. Platform threads are.
 */
@ConsolePart
@Component
class PartRenderer implements DisposableBean {

  static final int MAX_RENDERINGS = maxRenderings(Runtime.getRuntime().availableProcessors());

  /**
   * A thread's pause after each rendering, which bounds their rate however many pages are open.
   * With the most pages and one thread, each is rendered every six seconds or more: half of what
   * the page takes for silence.
   */
  static final Duration REST = Duration.ofMillis(50);

  private final ExecutorService threads =
      new ThreadPoolExecutor(
          MAX_RENDERINGS,
          MAX_RENDERINGS,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          PartRenderer::thread) {
        @Override
        protected void afterExecute(Runnable rendering, @Nullable Throwable failure) {
          LockSupport.parkNanos(REST.toNanos());
        }
      };
  private final SpringTemplateEngine templates;
  private final ApplicationContext beans;

  PartRenderer(SpringTemplateEngine templates, ApplicationContext beans) {
    this.templates = templates;
    this.beans = beans;
    templates.setLinkBuilder(new PageLinks());
  }

  private static Thread thread(Runnable renderings) {
    return Thread.ofPlatform()
        .daemon()
        .name("live-page-rendering")
        .unstarted(() -> ConnectionPools.asRequest(renderings));
  }

  /** Half of the processors and few connections: the others are left to requests. */
  static int maxRenderings(int processors) {
    return Math.clamp(processors / 2, 1, 4);
  }

  /**
   * The HTML of each part, by its name. Waits while others are rendered.
   *
   * @throws CompletionException if something cannot be read
   */
  Map<String, String> render(LivePage page) {
    return CompletableFuture.supplyAsync(() -> renderNow(page), threads).join();
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

  @Override
  public void destroy() {
    threads.shutdown();
  }
}
