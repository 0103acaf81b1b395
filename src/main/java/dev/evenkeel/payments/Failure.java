package dev.evenkeel.payments;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;

/**
 * The reason why a payment failed.
 *
 * @param code for programs: {@code card_declined}, {@code insufficient_funds}, {@code
 *     provider_rejected}, {@code expired} or {@code payment_returned}
 * @param message for people
 */
@Embeddable
public record Failure(
    @Column(name = "failure_code") String code, @Column(name = "failure_message") String message) {}
