package dev.evenkeel.payments;

import dev.testing.simulation.SimulatedWorld;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/** What happened, in plain words, for whoever has to understand why a check failed. */
final class Story {

  private final boolean told;
  private final SimulatedWorld world;
  private final List<String> lines = new ArrayList<>();
  private final Map<UUID, Integer> numbers = new HashMap<>();

  /**
   * @param told whether anybody will read it
   */
  Story(boolean told, SimulatedWorld world) {
    this.told = told;
    this.world = world;
  }

  void add(Supplier<String> line) {
    if (told) {
      String time = world.now().toString().replace('T', ' ').replace("Z", "");
      lines.add("%-23s  %s".formatted(time, line.get()));
    }
  }

  String name(Payment payment) {
    String kind =
        switch (payment.getKind()) {
          case PAY_IN -> "pay-in ";
          case PAY_OUT -> "pay-out ";
          case REFUND -> "refund ";
          case UNREADABLE -> "payment ";
        };
    return kind + number(payment.getId().value());
  }

  String number(UUID payment) {
    return "#" + numbers.computeIfAbsent(payment, _ -> numbers.size() + 1);
  }

  List<String> lines() {
    return List.copyOf(lines);
  }
}
