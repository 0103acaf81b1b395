package dev.evenkeel.events;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.database.Ids;
import dev.evenkeel.events.EventPublications.Publication;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.problems.ProblemException;
import dev.evenkeel.problems.Problems;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The events that have not been processed, for operators. */
@RestController
@RequestMapping(path = "/v1/operations/events", produces = APPLICATION_JSON_VALUE)
@RequiresScope(read = "operations", write = "operations")
class EventOperationsController {

  private static final Instant END_OF_TIME = Instant.parse("9999-12-31T23:59:59Z");

  private final EventPublications publications;

  EventOperationsController(EventPublications publications) {
    this.publications = publications;
  }

  record EventFilter(
      @CodePointLength(max = 200) @Nullable String type,
      EventPublications.@Nullable Status status) {}

  @GetMapping
  CursorPage<Publication> list(@Valid EventFilter filter, CursorRequest page) {
    Position after = page.after(new Position(END_OF_TIME, Ids.LAST), Position::parse);
    return CursorPage.of(
        page,
        publications.list(
            filter.type(), filter.status(), after.publishedAt(), after.id(), page.lookAhead()),
        Publication::position);
  }

  private record Position(Instant publishedAt, UUID id) {

    static Position parse(String text) {
      int slash = text.indexOf('/');
      if (slash < 0) {
        throw new IllegalArgumentException("not a position");
      }
      Instant publishedAt = Instant.parse(text.substring(0, slash));
      if (publishedAt.isBefore(Instant.EPOCH) || publishedAt.isAfter(END_OF_TIME)) {
        throw new IllegalArgumentException("no event was published then");
      }
      return new Position(publishedAt, UUID.fromString(text.substring(slash + 1)));
    }
  }

  @PostMapping("/{id}/retry")
  Publication retry(@PathVariable UUID id) {
    return publications.retry(id).orElseThrow(ProblemException::notFound);
  }

  record RetryFilter(@NotNull @CodePointLength(min = 1, max = 200) String type) {}

  /**
   * @param retried how many events are attempted again
   */
  record Retried(int retried) {}

  @PostMapping("/retry")
  Retried retryAll(@Valid RetryFilter filter) {
    return new Retried(publications.retryAll(filter.type()));
  }

  @Problems("event-not-failed")
  @PostMapping("/{id}/abandon")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void abandon(@PathVariable UUID id, Caller caller) {
    publications.abandon(id, caller.owner());
  }
}
