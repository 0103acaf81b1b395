package dev.evenkeel.console.operations;

import dev.evenkeel.console.ActionResults;
import dev.evenkeel.console.Confirmation;
import dev.evenkeel.console.ConsolePart;
import dev.evenkeel.console.Display;
import dev.evenkeel.database.Ids;
import dev.evenkeel.events.EventPublications;
import dev.evenkeel.events.EventPublications.Publication;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.problems.ProblemException;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The events that are not processed yet: retried one by one or by type, or abandoned. */
@ConsolePart
@Controller
@RequestMapping(EventPages.PATH)
@RequiresScope(read = "operations", write = "operations")
class EventPages {

  static final String PATH = "/console/operations/events";
  static final Instant END_OF_TIME = Instant.parse("9999-12-31T23:59:59Z");

  private static final int PAGE = 20;

  private final EventPublications events;

  EventPages(EventPublications events) {
    this.events = events;
  }

  @GetMapping
  String list(
      @RequestParam(name = "type", required = false) @Nullable String type,
      @RequestParam(name = "status", required = false) EventPublications.@Nullable Status status,
      @RequestParam(name = "before", required = false) @Nullable Instant before,
      @RequestParam(name = "id", required = false) @Nullable UUID id,
      Model model) {
    if (before != null && (before.isBefore(Instant.EPOCH) || before.isAfter(END_OF_TIME))) {
      throw ProblemException.invalid("before", "must be in the years 1970 to 9999");
    }
    String named = type == null || type.isBlank() ? null : type.strip();
    model.addAttribute("type", named);
    model.addAttribute("status", status);
    model.addAttribute("statuses", EventPublications.Status.values());
    model.addAttribute(
        "events",
        Rows.upTo(
            PAGE,
            events.list(
                named,
                status,
                Objects.requireNonNullElse(before, END_OF_TIME),
                Objects.requireNonNullElse(id, Ids.LAST),
                PAGE + 1)));
    return "operations/events";
  }

  @GetMapping("/{id}/retry")
  String confirmRetry(@PathVariable("id") UUID id, Model model) {
    return about(
            find(id),
            new Confirmation(
                "Retry this event?",
                "It is attempted at once, before later ones, and its failed attempts are forgotten.",
                "Retry",
                PATH + "/" + id + "/retry",
                PATH))
        .show(model);
  }

  @PostMapping("/{id}/retry")
  String retry(@PathVariable("id") UUID id, RedirectAttributes next) {
    return events
        .retry(id)
        .map(it ->
            ActionResults.done(PATH, next, "The event is attempted again: " + it.type() + "."))
        .orElseThrow(ProblemException::notFound);
  }

  @GetMapping("/retry")
  String confirmRetries(@RequestParam(name = "type") String type, Model model) {
    return new Confirmation(
            "Retry all failed events of this type?",
            "All that have failed or are dead are attempted at once, and their failed attempts are forgotten.",
            "Retry all",
            PATH + "/retry",
            PATH)
        .about("Type", type)
        .with("type", type)
        .show(model);
  }

  @PostMapping("/retry")
  String retryAll(@RequestParam(name = "type") String type, RedirectAttributes next) {
    int retried = events.retryAll(type);
    return ActionResults.done(
        PATH,
        next,
        "Events of type %s that are attempted again: %s.".formatted(type, Display.count(retried)));
  }

  @GetMapping("/{id}/abandon")
  String confirmAbandoning(@PathVariable("id") UUID id, Model model) {
    return about(
            find(id),
            new Confirmation(
                "Abandon this event?",
                "It is deleted for good, and its consumer never processes it.",
                "Abandon for good",
                PATH + "/" + id + "/abandon",
                PATH))
        .show(model);
  }

  @PostMapping("/{id}/abandon")
  String abandon(@PathVariable("id") UUID id, Caller caller, RedirectAttributes next) {
    try {
      events.abandon(id, caller.owner());
      return ActionResults.done(PATH, next, "The event is abandoned: " + id + ".");
    } catch (ProblemException refused) {
      return ActionResults.refused(PATH, next, refused.problem());
    }
  }

  private Publication find(UUID id) {
    return events.find(id).orElseThrow(ProblemException::notFound);
  }

  private static Confirmation about(Publication event, Confirmation ask) {
    return ask.about("Event", event.id())
        .about("Type", event.type())
        .about("Consumer", event.consumer())
        .about("Failed attempts", event.attempts())
        .about("Last error", event.lastError());
  }
}
