package dev.evenkeel.console.notifications;

import dev.evenkeel.console.ConsolePart;
import dev.evenkeel.console.LivePage;
import dev.evenkeel.console.LiveStreams;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.notifications.Notification;
import dev.evenkeel.notifications.Notifications;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** A person's own notifications. The newest page is live. */
@ConsolePart
@Controller
@RequestMapping(NotificationPages.PATH)
@RequiresScope(read = "notifications:read", write = "notifications:write")
class NotificationPages {

  static final String PATH = "/console/notifications";

  private static final String TEMPLATE = "notifications/feed";
  private static final int PAGE = 20;

  private final Notifications notifications;
  private final LiveStreams streams;

  NotificationPages(Notifications notifications, LiveStreams streams) {
    this.notifications = notifications;
    this.streams = streams;
  }

  @GetMapping
  String feed(
      @RequestParam(name = "before", required = false) @Nullable Long before,
      Caller caller,
      Model model) {
    model.addAttribute("before", before);
    model.addAllAttributes(page(caller, before == null ? Long.MAX_VALUE : before));
    return TEMPLATE;
  }

  private Map<String, Object> page(Caller caller, long before) {
    List<Notification> found = notifications.feed(caller.owner(), null, before, PAGE + 1);
    List<Notification> shown = found.stream().limit(PAGE).toList();
    Map<String, Object> model = new HashMap<>();
    model.put("notifications", shown);
    if (found.size() > PAGE) {
      model.put("next", shown.getLast().sequence());
    }
    return model;
  }

  @GetMapping(path = "/live", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  SseEmitter live(Caller caller, HttpServletRequest request, HttpServletResponse response) {
    LivePage page = new LivePage(TEMPLATE, List.of("feed"), () -> page(caller, Long.MAX_VALUE));
    return streams.open(page, caller, request, response);
  }

  @PostMapping("/read")
  String read(
      @RequestParam(name = "id") UUID id,
      @RequestParam(name = "before", required = false) @Nullable Long before,
      Caller caller,
      RedirectAttributes next) {
    Notification read =
        notifications.read(caller.owner(), id).orElseThrow(ProblemException::notFound);
    next.addFlashAttribute("done", "Marked as read: " + read.title());
    return "redirect:" + PATH + (before == null ? "" : "?before=" + before);
  }
}
