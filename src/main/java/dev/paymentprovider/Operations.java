package dev.paymentprovider;

import static java.nio.file.StandardOpenOption.APPEND;

import dev.paymentprovider.Fault.Mode;
import dev.paymentprovider.Operation.Status;
import dev.paymentprovider.OperationRequest.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The provider's record of operations. An idempotency key makes one operation, however many
 * requests arrive with it, one after the other or at once.
 *
 * <p>The record is an append-only file with a line of JSON for each change of state. A line counts
 * once its line feed is written. A process that is killed while it writes leaves an incomplete last
 * line; it was never acknowledged, and the next start cuts it off.
 */
final class Operations {

  private static final int LOCK_TIMEOUT_SECONDS = 2;
  private static final Duration DECISION_DELAY = Duration.ofSeconds(1);
  private static final Duration SLOW_INSTRUMENT_DELAY = Duration.ofSeconds(3);

  private final Path file;
  private final Environment environment;
  private final int feeBasisPoints;
  private final Map<String, Operation> byId = new LinkedHashMap<>();
  private final Map<String, String> idByKey = new HashMap<>();
  private final List<String> idsInOrder = new ArrayList<>();
  private final Map<String, Integer> positions = new HashMap<>();
  // One for each key, never removed, as operations are not
  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  /**
   * @param feeBasisPoints what a charge costs, in hundredths of a percent of it
   */
  Operations(Path file, Environment environment, int feeBasisPoints) throws IOException {
    this.file = file;
    this.feeBasisPoints = feeBasisPoints;
    this.environment = environment;
    read(file).forEach(this::index);
  }

  /** Decides the operations that the previous run left pending. */
  void resume() {
    all().forEach(operation -> followUp(operation, Mode.NONE));
  }

  /** Performs an operation, or returns the one that this key has made already. */
  Operation perform(String key, OperationRequest request, Fault fault) throws InterruptedException {
    var lock = locks.computeIfAbsent(key, _ -> new ReentrantLock());
    if (!lock.tryLock(LOCK_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      throw new RejectedException(409, "in-progress");
    }
    try {
      var operation = findByKey(key, fault);
      if (operation == null) {
        if ("tok_slow".equals(request.instrument())) {
          Thread.sleep(SLOW_INSTRUMENT_DELAY);
        }
        operation = decide(key, request, fault.mode());
        followUp(operation, fault.mode());
      } else if (!request.equals(operation.request())) {
        throw new RejectedException(409, "key-reused");
      }
      return operation;
    } finally {
      lock.unlock();
    }
  }

  /** Finds an operation by its key, which may be forgotten, or by its id. */
  Operation find(String keyOrId, Fault fault) {
    return keyOrId.startsWith(Operation.ID_PREFIX)
        ? byId(keyOrId)
        : orNotFound(findByKey(keyOrId, fault));
  }

  /** Returns all operations, those with forgotten keys too, oldest first. */
  synchronized List<Operation> all() {
    return List.copyOf(byId.values());
  }

  /**
   * Returns operations of a time span, oldest first.
   *
   * @param after the last operation of the previous page; null for the first page
   */
  synchronized List<Operation> list(Instant from, Instant to, @Nullable String after, int limit) {
    var start = after == null ? 0 : positions.getOrDefault(after, idsInOrder.size() - 1) + 1;
    return idsInOrder.subList(start, idsInOrder.size()).stream()
        .map(byId::get)
        .filter(it -> !it.at().isBefore(from) && it.at().isBefore(to))
        .limit(limit)
        .toList();
  }

  /** Returns the fee of an operation, which is kept when the operation is taken back. */
  long fee(Operation operation) {
    return operation.request().kind() == Kind.CHARGE && operation.status() == Status.APPROVED
        ? operation.amount() * feeBasisPoints / 10_000
        : 0;
  }

  /** Returns what is owed to the caller, by currency, less fees and what was paid to its bank. */
  synchronized Map<String, Long> balances() {
    var balances = new TreeMap<String, Long>();
    for (var it : byId.values()) {
      var amount =
          switch (it.request().kind()) {
            case CHARGE -> it.amountInEffect() - fee(it);
            case PAYOUT, REFUND, SETTLEMENT -> -it.amountInEffect();
            case RETURN -> 0;
          };
      balances.merge(it.request().currency(), amount, Long::sum);
    }
    return balances;
  }

  /** Pays what is owed to the caller's bank, in each currency. */
  synchronized List<Operation> settle() {
    var settlements = new ArrayList<Operation>();
    balances()
        .forEach((currency, amount) -> {
          if (amount > 0) {
            settlements.add(record(Operation.settlement(amount, currency, now())));
          }
        });
    return settlements;
  }

  /**
   * Takes an approved operation back.
   *
   * @param amount at most what is left of it; null for all of that
   */
  synchronized Operation returnOperation(String id, @Nullable Long amount, Mode mode) {
    var original = orNotFound(byId.get(id));
    var left = left(original);
    if (original.isOfProvider() || left == 0) {
      throw new RejectedException(409, "not-returnable");
    }
    var taken = amount == null ? left : amount;
    if (taken <= 0 || taken > left) {
      throw new RejectedException(422, "invalid-amount");
    }
    return announce(original.createReturn(taken, now()), mode);
  }

  /** Undoes a return: the money comes back. */
  synchronized Operation reinstate(String id, Mode mode) {
    var returning = orNotFound(byId.get(id));
    if (returning.request().kind() != Kind.RETURN || returning.reinstated() != null) {
      throw new RejectedException(409, "not-reinstatable");
    }
    return announce(returning.reinstate(), mode);
  }

  /**
   * Captures an authorized amount; the rest is released.
   *
   * @param amount null for all of it
   */
  synchronized Operation capture(String idOrKey, @Nullable Long amount, Mode mode) {
    var operation = orNotFound(byIdOrKey(idOrKey));
    Long captured = amount == null ? Long.valueOf(operation.request().amount()) : amount;
    if (operation.status() == Status.APPROVED && captured.equals(operation.captured())) {
      return operation;
    }
    if (operation.status() != Status.AUTHORIZED) {
      throw new RejectedException(409, "not-capturable");
    }
    if (captured <= 0 || captured > operation.request().amount()) {
      throw new RejectedException(422, "invalid-amount");
    }
    return changed(operation.captured(captured), mode);
  }

  /** Cancels an operation that has moved no money; another one is returned as it is. */
  synchronized Operation cancel(String idOrKey, Mode mode) {
    var operation = orNotFound(byIdOrKey(idOrKey));
    return operation.status() == Status.PENDING || operation.status() == Status.AUTHORIZED
        ? changed(operation.decided(Status.CANCELED, null), mode)
        : operation;
  }

  /** Decides an operation for which the customer had to act. */
  synchronized Operation act(String id, boolean approved, Mode mode) {
    var operation = orNotFound(byId.get(id));
    if (operation.nextAction() == null) {
      throw new RejectedException(409, "nothing-to-do");
    }
    return announce(
        approved
            ? operation.decided(whenApproved(operation.request()), null)
            : operation.decided(Status.DECLINED, "authentication_failed"),
        mode);
  }

  synchronized Operation byId(String id) {
    return orNotFound(byId.get(id));
  }

  /**
   * Records what the caller has changed, who needs no webhook, but the faults of webhooks send one.
   */
  private Operation changed(Operation operation, Mode mode) {
    record(operation);
    if (mode == Mode.DUPLICATE_WEBHOOK || mode == Mode.REORDERED_WEBHOOK) {
      environment.sendWebhook(operation.request().reference(), mode);
    }
    return operation;
  }

  private Operation announce(Operation changed, Mode mode) {
    record(changed);
    environment.sendWebhook(changed.request().reference(), mode);
    return changed;
  }

  private Instant now() {
    return environment.now().truncatedTo(ChronoUnit.MICROS);
  }

  /** Returns what is left of an operation after refunds and returns. */
  private long left(Operation operation) {
    var refunds =
        byId.values().stream()
            .filter(it -> it.request().kind() == Kind.REFUND && operation.id().equals(it.of()));
    return operation.amountInEffect() - refunds.mapToLong(Operation::amountInEffect).sum();
  }

  private static Operation orNotFound(@Nullable Operation operation) {
    if (operation == null) {
      throw new RejectedException(404, "never-seen");
    }
    return operation;
  }

  private synchronized @Nullable Operation findByKey(String key, Fault fault) {
    var operation = byId.get(idByKey.get(key));
    return operation == null || fault.forgets(operation.at(), now()) ? null : operation;
  }

  private @Nullable Operation byIdOrKey(String idOrKey) {
    return byId.get(idByKey.getOrDefault(idOrKey, idOrKey));
  }

  private synchronized Operation decide(String key, OperationRequest request, Mode mode) {
    var charge = charge(request.charge());
    var code = declineCode(request, charge);
    var decided = code == null ? whenApproved(request) : Status.DECLINED;
    var pending = isAsync(request) || wantsAction(request) || mode == Mode.STUCK_PENDING;
    var status = pending ? Status.PENDING : decided;
    var of = charge == null ? null : charge.id();
    var operation = Operation.create(key, request, status, code, of, now());
    return record(
        wantsAction(request)
            ? operation.waitingFor(new Operation.NextAction(environment.actionPage(operation.id())))
            : operation);
  }

  private static Status whenApproved(OperationRequest request) {
    return request.isAuthorization() ? Status.AUTHORIZED : Status.APPROVED;
  }

  private static boolean wantsAction(OperationRequest request) {
    return request.kind() == Kind.CHARGE && "tok_action".equals(request.instrument());
  }

  /** Returns why the request is declined, or null if it is approved. */
  private @Nullable String declineCode(OperationRequest request, @Nullable Operation charge) {
    if (request.kind() != Kind.REFUND) {
      return switch (request.instrument()) {
        case "tok_declined" -> "card_declined";
        case "tok_insufficient" -> "insufficient_funds";
        case null, default -> null;
      };
    }
    if (charge == null) {
      return "charge_not_found";
    }
    if (!charge.request().currency().equals(request.currency())) {
      return "currency_mismatch";
    }
    return request.amount() <= left(charge) ? null : "refund_exceeds_charge";
  }

  private static boolean isAsync(OperationRequest request) {
    return "tok_async".equals(request.instrument());
  }

  private @Nullable Operation charge(@Nullable String idOrKey) {
    var charge = byId.get(idByKey.getOrDefault(idOrKey, idOrKey));
    return charge != null && charge.request().kind() == Kind.CHARGE ? charge : null;
  }

  /**
   * Decides a pending operation later and sends a webhook about it, unless a fault has made it
   * pending: it stays so. An operation that was decided at once needs no webhook, but the faults of
   * webhooks send one.
   */
  private void followUp(Operation operation, Mode mode) {
    var decides = isAsync(operation.request()) && mode != Mode.STUCK_PENDING;
    if (operation.status() == Status.PENDING && decides) {
      environment.later(
          DECISION_DELAY,
          () -> {
            decideLater(operation.id());
            environment.sendWebhook(operation.request().reference(), mode);
          });
    } else if (mode == Mode.DUPLICATE_WEBHOOK || mode == Mode.REORDERED_WEBHOOK) {
      environment.sendWebhook(operation.request().reference(), mode);
    }
  }

  /** Approves an operation, unless its caller has canceled it. */
  private synchronized void decideLater(String id) {
    var operation = orNotFound(byId.get(id));
    if (operation.status() == Status.PENDING) {
      record(operation.with(whenApproved(operation.request())));
    }
  }

  /** Writes before it publishes: an operation that a caller knows of survives a restart. */
  private synchronized Operation record(Operation operation) {
    try {
      Files.writeString(file, Json.MAPPER.writeValueAsString(operation) + "\n", APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    index(operation);
    return operation;
  }

  private void index(Operation operation) {
    if (byId.put(operation.id(), operation) == null) {
      idByKey.put(operation.key(), operation.id());
      positions.put(operation.id(), idsInOrder.size());
      idsInOrder.add(operation.id());
    }
    if (operation.request().kind() == Kind.RETURN && operation.of() != null) {
      byId.computeIfPresent(operation.of(), (_, original) -> original.withReturn(operation));
    }
  }

  private static List<Operation> read(Path path) throws IOException {
    Files.createDirectories(path.toAbsolutePath().resolveSibling(""));
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      var bytes = Files.readAllBytes(path);
      var end = bytes.length;
      while (end > 0 && bytes[end - 1] != '\n') {
        end--;
      }
      file.setLength(end);
      return Json.MAPPER.readerFor(Operation.class).<Operation>readValues(bytes, 0, end).readAll();
    } catch (JacksonException e) {
      var line = e.getLocation().getLineNr();
      throw new IOException("Line " + line + " of " + path + " is damaged", e);
    }
  }
}
