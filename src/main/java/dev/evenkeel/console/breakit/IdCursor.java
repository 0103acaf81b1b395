package dev.evenkeel.console.breakit;

import dev.evenkeel.database.Ids;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * A place in what is listed by ids that grow with time. It stays ten seconds behind, since an id is
 * given before the commit, and the longest transaction takes five seconds.
 */
final class IdCursor {

  private static final Duration DELAY = Duration.ofSeconds(10);

  private UUID after;

  IdCursor(Instant from) {
    this.after = Ids.first(from);
  }

  UUID after() {
    return after;
  }

  void read(UUID id, Instant createdAt, Instant now) {
    if (createdAt.isBefore(now.minus(DELAY)) && id.compareTo(after) > 0) {
      after = id;
    }
  }
}
