package dev.evenkeel.payments;

import jakarta.persistence.Embeddable;
import java.time.Instant;

/** An entry of a payment's timeline: the status it entered, when, and why. */
@Embeddable
public record TimelineEntry(PaymentStatus status, Instant at, String note) {}
