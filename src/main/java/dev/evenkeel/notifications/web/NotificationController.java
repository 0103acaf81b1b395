package dev.evenkeel.notifications.web;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.notifications.Notification;
import dev.evenkeel.notifications.Notifications;
import dev.evenkeel.problems.ProblemException;
import jakarta.validation.Valid;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows an owner's notifications, and marks them as read. */
@RestController
@RequiresScope(read = "notifications:read", write = "notifications:write")
@RequestMapping(path = "/v1/notifications", produces = APPLICATION_JSON_VALUE)
class NotificationController {

  private final Notifications notifications;

  NotificationController(Notifications notifications) {
    this.notifications = notifications;
  }

  record NotificationFilter(@Nullable String owner, @Nullable AccountId account) {}

  @GetMapping
  CursorPage<Notification> feed(
      @Valid NotificationFilter filter, CursorRequest page, Caller caller) {
    return CursorPage.of(
        page,
        notifications.feed(
            caller.ownerOrSelf(filter.owner()),
            filter.account(),
            page.afterNumber(),
            page.lookAhead()),
        Notification::sequence);
  }

  @PostMapping("/{id}/read")
  Notification read(@PathVariable UUID id, Caller caller) {
    return notifications.read(caller.owner(), id).orElseThrow(ProblemException::notFound);
  }
}
