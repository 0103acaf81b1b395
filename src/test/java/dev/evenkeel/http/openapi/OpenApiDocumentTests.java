package dev.evenkeel.http.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.Contract;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/**
 * {@code docs/openapi.yaml} is what the running application says of itself. After a change of the
 * API, regenerate it with {@code ./mvnw test -Dtest=OpenApiDocumentTests -Dupdate.openapi=true}.
 */
@WholeApplication
@TestPropertySource(
    properties = {"springdoc.api-docs.enabled=true", "springdoc.swagger-ui.enabled=true"})
class OpenApiDocumentTests {

  private static final Path COMMITTED = Path.of("docs/openapi.yaml");

  @LocalServerPort int port;

  @Test
  void documentsTheApiAsItIs() throws IOException {
    Api.Answer answer = new Api(port, "ada").get("/v3/api-docs.yaml");
    String current = answer.text();

    assertThat(answer.status()).as(current).isEqualTo(200);
    if (Boolean.getBoolean("update.openapi")) {
      Files.writeString(COMMITTED, current);
    }
    assertThat(COMMITTED).as("see how to regenerate it").content().isEqualTo(current);
  }

  @Test
  void showsTheDocumentAsAPage() {
    assertThat(new Api(port, "ada").get("/swagger-ui/index.html").text()).contains("swagger-ui");
  }

  @Test
  void hasValidExamples() {
    JsonNode document = new Api(port, "ada").get("/v3/api-docs").body();
    Contract contract = new Contract(document);

    assertThat(document.findValues("examples")).isNotEmpty();
    for (JsonNode schema : document.at("/components/schemas")) {
      for (JsonNode property : schema.at("/properties")) {
        for (JsonNode example : property.at("/examples")) {
          assertThat(contract.errors(property, example)).as(property.toString()).isEmpty();
        }
      }
    }
  }
}
