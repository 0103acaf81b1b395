package dev.evenkeel.notifications.web;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.Input;
import dev.evenkeel.notifications.Notification;
import dev.evenkeel.notifications.Notifications;
import dev.evenkeel.problems.ProblemException;
import java.util.UUID;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** What owners were told. */
@RestController
class NotificationController {

  private final Notifications notifications;

  NotificationController(Notifications notifications) {
    this.notifications = notifications;
  }

  @GetMapping("/v1/notifications")
  CursorPage<Notification> feed(Caller caller, Input input) {
    String owner = input.owner(caller);
    UUID account = input.uuid("account").orElse(null);
    CursorRequest window = input.window(owner, account);
    return CursorPage.of(
        window,
        notifications.feed(owner, account, window.afterNumber(), window.lookAhead()),
        Notification::sequence);
  }

  @PostMapping("/v1/notifications/{id}/read")
  Notification read(@PathVariable UUID id, Caller caller, Input input) {
    notifications.find(caller.owner(), id).orElseThrow(ProblemException::notFound);
    input.nothing();
    return notifications.read(caller.owner(), id).orElseThrow(ProblemException::notFound);
  }
}
