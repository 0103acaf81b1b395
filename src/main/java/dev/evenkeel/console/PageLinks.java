package dev.evenkeel.console;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.thymeleaf.context.IExpressionContext;
import org.thymeleaf.linkbuilder.StandardLinkBuilder;

/** Builds links outside of requests, too. The console is always at the root of its server. */
final class PageLinks extends StandardLinkBuilder {

  @Override
  protected String computeContextPath(
      IExpressionContext context, String base, @Nullable Map<String, Object> parameters) {
    return "";
  }

  @Override
  protected String processLink(IExpressionContext context, String link) {
    return link;
  }
}
