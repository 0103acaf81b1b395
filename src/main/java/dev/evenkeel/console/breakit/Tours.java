package dev.evenkeel.console.breakit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The tours of people, on this instance; a restart begins them anew. */
@BreakItPart
@Component
public class Tours {

  private static final int MAX_TOURS = 100;

  private final Map<String, Tour> tours =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Tour> eldest) {
          return size() > MAX_TOURS;
        }
      };

  public synchronized Tour of(String person) {
    return tours.computeIfAbsent(person, _ -> new Tour());
  }
}
