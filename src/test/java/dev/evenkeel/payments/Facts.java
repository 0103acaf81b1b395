package dev.evenkeel.payments;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/** What really happened to payments: the checks may know it, the application may not. */
final class Facts {

  /** Something of these may have reached the provider. */
  final Set<UUID> sent = new HashSet<>();

  /** An answer about these did not tell the truth. */
  final Set<UUID> liedAbout = new HashSet<>();

  /** Requests for these arrive late, or twice. */
  final Set<UUID> copied = new HashSet<>();

  /** The provider has refused to make an operation of a request for these. */
  final Set<UUID> rejected = new HashSet<>();

  /** The provider never gets done with these. */
  final Set<UUID> cursed = new HashSet<>();

  /** This release could not read these for a while. */
  final Set<UUID> unreadable = new HashSet<>();

  /** The owner wanted these to be canceled. */
  final Set<UUID> canceled = new HashSet<>();

  /** An operator has decided these. */
  final Set<UUID> decided = new HashSet<>();

  /** The truth about these could not be booked, because of what was refunded or returned. */
  final Set<UUID> acknowledged = new HashSet<>();
}
