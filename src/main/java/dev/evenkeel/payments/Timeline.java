package dev.evenkeel.payments;

import dev.evenkeel.money.Money;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The history of a payment, in order. */
@Embeddable
class Timeline {

  @ElementCollection
  @CollectionTable(
      schema = "payments",
      name = "payment_step",
      joinColumns = @JoinColumn(name = "payment"))
  @OrderColumn(name = "no")
  private List<TimelineEntry> entries = new ArrayList<>();

  /** Notes each reason once per status, however many attempts repeat it. */
  void enter(PaymentStatus status, Instant now, String note) {
    if (entries.stream().noneMatch(it -> it.status() == status && it.note().equals(note))) {
      note(status, now, note);
    }
  }

  void note(PaymentStatus status, Instant now, String note) {
    entries.add(new TimelineEntry(status, now, note));
  }

  /** Notes what the provider moved after the end. */
  void book(PaymentStatus status, Instant now, List<Movement> movements, String currency) {
    for (Movement it : movements) {
      Money amount = Money.of(Math.abs(it.amount()), currency);
      switch (it.kind()) {
        case RETURNED -> note(status, now, "Returned by the provider: " + amount);
        case REINSTATED -> note(status, now, "Reinstated by the provider: " + amount);
        case DECIDED, UNREADABLE -> {} // a decision is noted by itself
      }
    }
  }

  /** Notes an operator's decision, even if it repeats an earlier reason. */
  void decided(PaymentStatus status, Instant now, String note) {
    if (!entries.contains(new TimelineEntry(status, now, note))) {
      note(status, now, note);
    }
  }

  List<TimelineEntry> entries() {
    return List.copyOf(entries);
  }
}
