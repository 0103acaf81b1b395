package dev.evenkeel.notifications.web;

import dev.evenkeel.notifications.Notification;
import dev.evenkeel.notifications.Notifications;
import dev.evenkeel.platform.Caller;
import dev.evenkeel.platform.Input;
import dev.evenkeel.platform.Page;
import dev.evenkeel.platform.Window;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The caller's feed. */
@RestController
class NotificationController {

  private final Notifications notifications;

  NotificationController(Notifications notifications) {
    this.notifications = notifications;
  }

  @GetMapping("/v1/notifications")
  Page<Notification> feed(Caller caller, Input input) {
    UUID account = input.uuid("account").orElse(null);
    Window window = input.window(caller.owner(), account);
    return Page.of(
        window,
        notifications.feed(caller.owner(), account, window.afterNumber(), window.lookAhead()),
        Notification::sequence,
        Function.identity());
  }
}
