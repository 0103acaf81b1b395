package dev.evenkeel.events;

import dev.evenkeel.database.Ids;
import dev.evenkeel.events.EventPublications.Publication;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.Input;
import dev.evenkeel.problems.ProblemException;
import java.time.Instant;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The events that are not done, for operators. */
@RestController
class EventOperationsController {

  private static final Instant END_OF_TIME = Instant.parse("9999-12-31T23:59:59Z");

  private final EventPublications publications;

  EventOperationsController(EventPublications publications) {
    this.publications = publications;
  }

  @GetMapping("/v1/operations/events")
  CursorPage<Publication> list(Caller caller, Input input) {
    caller.requireOperator();
    CursorRequest window = input.window();
    Position after = window.after(new Position(END_OF_TIME, Ids.LAST), Position::parse);
    return CursorPage.of(
        window,
        publications.list(after.publishedAt(), after.id(), window.lookAhead()),
        Publication::position);
  }

  private record Position(Instant publishedAt, UUID id) {

    static Position parse(String text) {
      int slash = text.indexOf('/');
      if (slash < 0) {
        throw new IllegalArgumentException("no position");
      }
      return new Position(
          Instant.parse(text.substring(0, slash)), UUID.fromString(text.substring(slash + 1)));
    }
  }

  @PostMapping("/v1/operations/events/{id}/retry")
  Publication retry(@PathVariable UUID id, Caller caller, Input input) {
    caller.requireOperator();
    publications.find(id).orElseThrow(ProblemException::notFound);
    input.nothing();
    return publications.retry(id).orElseThrow(ProblemException::notFound);
  }

  @PostMapping("/v1/operations/events/{id}/abandon")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void abandon(@PathVariable UUID id, Caller caller, Input input) {
    caller.requireOperator();
    publications.find(id).orElseThrow(ProblemException::notFound);
    input.nothing();
    publications.abandon(id, caller.owner()).orElseThrow(ProblemException::notFound);
  }
}
