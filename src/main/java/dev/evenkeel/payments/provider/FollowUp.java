package dev.evenkeel.payments.provider;

/** What the provider is to do with an operation that it has and that has not moved money yet. */
public enum FollowUp {
  /** Move the authorized amount, or a part of it. */
  CAPTURE,
  /** End it, because the owner wants so. */
  CANCEL,
  /** End it, because it has waited for too long. */
  EXPIRE,
  /** Written by a newer release, which has been rolled back. Nothing changes such a payment. */
  UNREADABLE
}
