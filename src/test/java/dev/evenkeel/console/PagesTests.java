package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.http.RequiresScope;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** What holds for every page, also for those that are added later. */
class PagesTests extends PageTest {

  /** They show nothing of anybody. */
  private static final Set<String> OPEN =
      Set.of(
          "/console",
          "/console/session",
          LoginSession.FAILED,
          LoginSession.OUT,
          EndedSession.PAGE,
          ConsolePages.ROOT,
          ConsolePages.UNKNOWN);

  @Autowired
  @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mappings;

  @Test
  void everyPageNeedsAScope() {
    Set<String> open =
        mappings.getHandlerMethods().entrySet().stream()
            .filter(page -> page.getKey().getPatternValues().toString().contains("/console"))
            .filter(page -> !page.getValue().getBeanType().isAnnotationPresent(RequiresScope.class))
            .flatMap(page -> page.getKey().getPatternValues().stream())
            .collect(Collectors.toSet());

    assertThat(open).isEqualTo(OPEN);
  }
}
