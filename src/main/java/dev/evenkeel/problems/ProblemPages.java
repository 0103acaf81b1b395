package dev.evenkeel.problems;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/** Serves the page behind each problem type's URI, which explains the problem. */
@RestController
class ProblemPages {

  private static final String STYLE =
      """
      body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }
      code { color: #555 }
      """;

  /** The browser may apply this style, and load or send nothing at all. */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
          .formatted(sha256(STYLE));

  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>%1$s</title>
      <style>%5$s</style>
      <h1>%1$s</h1>
      <p><code>%2$s</code>, HTTP status %3$d</p>
      <p>%4$s</p>
      </html>
      """;

  private final StoredProblems problems;

  ProblemPages(StoredProblems problems) {
    this.problems = problems;
  }

  @GetMapping("/problems/{slug}")
  ResponseEntity<String> page(@PathVariable String slug) {
    ProblemType type = problems.type(slug).orElseThrow(ProblemException::notFound);
    String page =
        PAGE.formatted(
            HtmlUtils.htmlEscape(type.title()),
            type.slug(),
            type.status(),
            HtmlUtils.htmlEscape(type.explanation()),
            STYLE);
    return ResponseEntity.ok()
        .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        .contentType(MediaType.parseMediaType("text/html;charset=utf-8"))
        .body(page);
  }

  private static String sha256(String text) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
