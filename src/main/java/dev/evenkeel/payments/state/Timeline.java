package dev.evenkeel.payments.state;

import dev.evenkeel.money.Money;
import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.TimelineEntry;
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
public class Timeline {

  @ElementCollection
  @CollectionTable(
      schema = "payments",
      name = "payment_step",
      joinColumns = @JoinColumn(name = "payment"))
  @OrderColumn(name = "no")
  private List<TimelineEntry> entries = new ArrayList<>();

  /** Notes each reason once per status, however many attempts repeat it. */
  public void enter(PaymentStatus status, Instant now, String note) {
    if (entries.stream().noneMatch(it -> it.status() == status && it.note().equals(note))) {
      note(status, now, note);
    }
  }

  public void note(PaymentStatus status, Instant now, String note) {
    entries.add(new TimelineEntry(status, now, note));
  }

  /** Notes what the provider moved after the end. */
  public void book(PaymentStatus status, Instant now, List<Movement> movements, String currency) {
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
  public void decided(PaymentStatus status, Instant now, String note) {
    if (!entries.contains(new TimelineEntry(status, now, note))) {
      note(status, now, note);
    }
  }

  public List<TimelineEntry> entries() {
    return List.copyOf(entries);
  }
}
