package dev.evenkeel.console.breakit;

// part of notifications
import dev.evenkeel.console.Display;
import dev.evenkeel.notifications.Notification;
import dev.evenkeel.notifications.Notifications;
import dev.evenkeel.notifications.ToldOnce;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Whether anything was told twice, and how late owners are told. */
@BreakItPart
@Component
@Order(3)
final class ToldOnceInTime implements Measurement {

  private static final int PAGE = 5000;
  private static final Duration USUAL_LAG = Duration.ofSeconds(5);

  private final Notifications notifications;
  private ToldOnce toldOnce = new ToldOnce();
  private IdCursor cursor = new IdCursor(Instant.EPOCH);

  ToldOnceInTime(Notifications notifications) {
    this.notifications = notifications;
  }

  @Override
  public List<String> names() {
    return List.of("Nothing is told twice", "Notifications are in time");
  }

  @Override
  public void startFrom(Instant time) {
    toldOnce = new ToldOnce();
    cursor = new IdCursor(time);
  }

  @Override
  public List<Promise> measure() {
    Instant began = Instant.now();
    List<Notification> found = notifications.after(cursor.after(), PAGE);
    for (Notification it : found) {
      toldOnce.see(it);
      cursor.read(it.id(), it.createdAt(), began);
    }
    return List.of(
        once(toldOnce, found.size() < PAGE, began),
        inTime(notifications.lag(), notifications.givenUp(), began));
  }

  static Promise once(ToldOnce toldOnce, boolean complete, Instant began) {
    if (toldOnce.repeated() > 0) {
      return Promise.broken(toldOnce.repeated() + " told twice", began);
    }
    return complete
        ? Promise.kept(Display.count(toldOnce.outcomes(), "outcome") + " told", began)
        : Promise.checking("reading");
  }

  /** Late is no broken promise, since nothing is lost: unless it is given up. */
  static Promise inTime(Duration lag, int givenUp, Instant began) {
    if (givenUp > 0) {
      return Promise.broken(
          givenUp + (givenUp == 1 ? " event was" : " events were") + " given up", began);
    }
    String behind = Display.roughly(lag) + " behind";
    return lag.compareTo(USUAL_LAG) > 0 ? Promise.checking(behind) : Promise.kept(behind, began);
  }
}
// end of notifications
