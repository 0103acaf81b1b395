package dev.evenkeel.problems;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.util.HtmlUtils;

/** The URI of each type of problem answers with a page that explains it. */
@WholeApplication
class ProblemPagesTests {

  @LocalServerPort int port;
  @Autowired List<ProblemCatalog> catalogs;

  @Test
  void everyTypeHasAPage() {
    assertThat(types()).hasSizeGreaterThan(CommonProblem.values().length);
    assertThat(types())
        .allSatisfy(type -> {
          Api.Answer page = Api.anonymous(port).get("/problems/" + type.slug());
          assertThat(page.status()).isEqualTo(200);
          assertThat(page.header("Content-Type")).contains("text/html;charset=utf-8");
          assertThat(page.text())
              .contains(HtmlUtils.htmlEscape(type.title()))
              .contains(HtmlUtils.htmlEscape(type.explanation()));
        });
  }

  @Test
  void noTwoTypesShareASlug() {
    assertThat(types()).extracting(ProblemType::slug).doesNotHaveDuplicates();
  }

  @Test
  void anUnknownTypeHasNone() {
    Api.Answer answer = Api.anonymous(port).get("/problems/no-such-problem");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.at("/type")).isEqualTo("/problems/not-found");
  }

  private List<ProblemType> types() {
    return Stream.concat(
            Stream.<ProblemType>of(CommonProblem.values()),
            catalogs.stream().flatMap(catalog -> catalog.types().stream()))
        .toList();
  }
}
