package dev.paymentprovider;

import static java.nio.file.StandardOpenOption.APPEND;

import dev.paymentprovider.Fault.Mode;
import dev.paymentprovider.Operation.Status;
import dev.paymentprovider.Order.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The provider's books. One key does one thing, however often and however concurrently it arrives.
 *
 * <p>They are kept in a file: a line of JSON per change of state, only ever appended. A line counts
 * once its line feed is written, so a process killed while writing leaves a torn last line, which
 * was never answered for and is cut off.
 */
final class Operations {

  private static final int SECONDS_OF_PATIENCE = 2;
  private static final int SECONDS_UNTIL_DECIDED = 1;
  private static final Duration SLOW_INSTRUMENT = Duration.ofSeconds(3);

  private final Path file;
  private final Webhooks webhooks;
  private final Executor threads;
  private final Map<String, Operation> byId = new LinkedHashMap<>();
  private final Map<String, String> idByKey = new HashMap<>();
  // One for each key, kept like the operations themselves
  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  Operations(Path file, Webhooks webhooks, Executor threads) throws IOException {
    this.file = file;
    this.webhooks = webhooks;
    this.threads = threads;
    read(file).forEach(this::remember);
  }

  /** Takes up what a former run left pending. */
  void resume() {
    all().forEach(operation -> announce(operation, Mode.NONE));
  }

  /** Does what was ordered, unless it was done under this key before. */
  Operation perform(String key, Order order, Fault fault) throws InterruptedException {
    var lock = locks.computeIfAbsent(key, _ -> new ReentrantLock());
    if (!lock.tryLock(SECONDS_OF_PATIENCE, TimeUnit.SECONDS)) {
      throw new Refusal(409, "in-progress");
    }
    try {
      var operation = remembered(key, fault);
      if (operation == null) {
        if ("tok_slow".equals(order.instrument())) {
          Thread.sleep(SLOW_INSTRUMENT);
        }
        operation = decide(key, order);
        announce(operation, fault.mode());
      } else if (!order.equals(operation.order())) {
        throw new Refusal(409, "key-reused");
      }
      return operation;
    } finally {
      lock.unlock();
    }
  }

  Operation find(String key, Fault fault) {
    return known(remembered(key, fault));
  }

  /** In the order they were done, forgotten keys included. */
  synchronized List<Operation> all() {
    return List.copyOf(byId.values());
  }

  /** Takes an approved operation back, in full. */
  synchronized Operation takeBack(String id, Fault fault) {
    var original = known(byId.get(id));
    if (original.order().kind() == Kind.RETURN || !original.stands()) {
      throw new Refusal(409, "not-returnable");
    }
    var back = record(original.takenBack());
    webhooks.send(back.order().reference(), fault.mode());
    return back;
  }

  private static Operation known(@Nullable Operation operation) {
    if (operation == null) {
      throw new Refusal(404, "never-seen");
    }
    return operation;
  }

  private synchronized @Nullable Operation remembered(String key, Fault fault) {
    var operation = byId.get(idByKey.get(key));
    return operation == null || fault.forgets(operation.at()) ? null : operation;
  }

  private synchronized Operation decide(String key, Order order) {
    var charge = charge(order.charge());
    var code = objection(order, charge);
    var decided = code == null ? Status.APPROVED : Status.DECLINED;
    var status = "tok_async".equals(order.instrument()) ? Status.PENDING : decided;
    var of = charge == null ? null : charge.id();
    var id = Operation.newId();
    return record(new Operation(id, key, order, status, code, of, Operation.now(), null));
  }

  /** Why it is declined, if it is. */
  private @Nullable String objection(Order order, @Nullable Operation charge) {
    if (order.kind() != Kind.REFUND) {
      return switch (order.instrument()) {
        case "tok_declined" -> "card_declined";
        case "tok_insufficient" -> "insufficient_funds";
        case null, default -> null;
      };
    }
    if (charge == null) {
      return "charge_not_found";
    }
    if (!charge.order().currency().equals(order.currency())) {
      return "currency_mismatch";
    }
    var refunds = all().stream().filter(it -> charge.id().equals(it.of()) && it.stands());
    var rest = charge.order().amount() - refunds.mapToLong(it -> it.order().amount()).sum();
    return charge.stands() && order.amount() <= rest ? null : "refund_exceeds_charge";
  }

  private @Nullable Operation charge(@Nullable String idOrKey) {
    var charge = byId.get(idByKey.getOrDefault(idOrKey, idOrKey));
    return charge != null && charge.order().kind() == Kind.CHARGE ? charge : null;
  }

  /** A decision that was made at once is no news, unless a fault has it so. */
  private void announce(Operation operation, Mode mode) {
    if (operation.status() == Status.PENDING) {
      CompletableFuture.delayedExecutor(SECONDS_UNTIL_DECIDED, TimeUnit.SECONDS, threads)
          .execute(() -> {
            record(operation.with(Status.APPROVED));
            webhooks.send(operation.order().reference(), mode);
          });
    } else if (mode == Mode.DUPLICATE_WEBHOOK || mode == Mode.REORDERED_WEBHOOK) {
      webhooks.send(operation.order().reference(), mode);
    }
  }

  /** Written first, then remembered: what a caller was told survives a restart. */
  private synchronized Operation record(Operation operation) {
    try {
      Files.writeString(file, Json.MAPPER.writeValueAsString(operation) + "\n", APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    remember(operation);
    return operation;
  }

  private void remember(Operation operation) {
    if (byId.put(operation.id(), operation) == null) {
      idByKey.put(operation.key(), operation.id());
    }
    if (operation.order().kind() == Kind.RETURN && operation.of() != null) {
      byId.computeIfPresent(operation.of(), (_, taken) -> taken.takenBackBy(operation));
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
