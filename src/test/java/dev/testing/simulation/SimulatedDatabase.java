package dev.testing.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.SimpleTransactionStatus;

/**
 * A database in memory, as far as payments need one: isolation READ COMMITTED, locks on rows, and
 * the same limits of time as PostgreSQL has in production.
 */
public final class SimulatedDatabase implements PlatformTransactionManager {

  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(5);

  /** What befalls transactions. */
  public interface Fate {

    /** Called at each boundary of a transaction; may let others run. */
    default void boundary(String moment, String transaction) {}

    /** Whether the answer to this COMMIT gets lost, and if so, whether it took effect. */
    default Commit commit(String transaction) {
      return Commit.ANSWERED;
    }

    default void committed(String transaction) {}
  }

  public enum Commit {
    ANSWERED,
    DONE_BUT_UNANSWERED,
    LOST
  }

  /** Rows by key. A value never changes; a changed row is another value. */
  public static final class Table<K extends Comparable<K>, V> {

    private final SimulatedDatabase database;
    private final Map<K, V> committed = new TreeMap<>();
    private int commits;

    public Table(SimulatedDatabase database) {
      this.database = database;
    }

    /** The value that this transaction sees. */
    public @Nullable V get(K key) {
      V own = database.current() instanceof Transaction it ? it.written(this).get(key) : null;
      return own == null ? committed.get(key) : own;
    }

    /** The rows that this transaction sees, in the order of the keys. */
    public List<V> all() {
      if (!(database.current() instanceof Transaction it) || it.written(this).isEmpty()) {
        return committed();
      }
      Map<K, V> seen = new TreeMap<>(committed);
      seen.putAll(it.written(this));
      return List.copyOf(seen.values());
    }

    /** The rows that every transaction sees. */
    public List<V> committed() {
      return List.copyOf(committed.values());
    }

    public @Nullable V committed(K key) {
      return committed.get(key);
    }

    /** How many commits have changed this table. */
    public int commits() {
      return commits;
    }

    public void put(K key, V value) {
      database.required().written(this).put(key, value);
    }
  }

  /** A transaction of one thread. */
  public final class Transaction extends SimpleTransactionStatus {

    private final String name;
    private final Instant start = world.now();
    private final Map<Table<?, ?>, Map<?, ?>> written = new LinkedHashMap<>();
    private final Map<Object, Object> attachments = new HashMap<>();
    private final List<Runnable> beforeCommit = new ArrayList<>();
    private boolean open = true;

    private Transaction(String name) {
      this.name = name;
    }

    @SuppressWarnings("unchecked")
    private <K extends Comparable<K>, V> Map<K, V> written(Table<K, V> table) {
      return (Map<K, V>) written.computeIfAbsent(table, _ -> new TreeMap<K, V>());
    }

    @SuppressWarnings("unchecked")
    public <T> T attached(Object key, Supplier<T> first) {
      return (T) attachments.computeIfAbsent(key, _ -> first.get());
    }

    public void beforeCommit(Runnable work) {
      beforeCommit.add(work);
    }

    private boolean isAlive() {
      return open && !world.now().isAfter(start.plus(TRANSACTION_TIMEOUT));
    }

    private void apply() {
      written.forEach((table, rows) -> apply(table, rows));
    }

    @SuppressWarnings("unchecked")
    private <K extends Comparable<K>, V> void apply(Table<?, ?> table, Map<?, ?> rows) {
      if (!rows.isEmpty()) {
        ((Table<K, V>) table).committed.putAll((Map<K, V>) rows);
        table.commits++;
      }
    }
  }

  private final SimulatedWorld world;
  private final Actors actors;
  private final Fate fate;
  private final Map<Object, Deque<Transaction>> running = new HashMap<>();
  private final Map<Object, Transaction> locks = new HashMap<>();

  public SimulatedDatabase(SimulatedWorld world, Actors actors, Fate fate) {
    this.world = world;
    this.actors = actors;
    this.fate = fate;
  }

  public Instant now() {
    return world.now();
  }

  @Override
  public TransactionStatus getTransaction(@Nullable TransactionDefinition definition) {
    String named = definition == null ? null : definition.getName();
    String name = named == null ? "" : named;
    fate.boundary("before", name);
    Transaction transaction = new Transaction(name);
    running.computeIfAbsent(thread(), _ -> new ArrayDeque<>()).push(transaction);
    return transaction;
  }

  @Override
  public void commit(TransactionStatus status) {
    Transaction transaction = (Transaction) status;
    try {
      List.copyOf(transaction.beforeCommit).forEach(Runnable::run);
      fate.boundary("before the commit of", transaction.name);
      required();
    } catch (Throwable failure) {
      rollback(status);
      throw failure;
    }
    Commit commit = fate.commit(transaction.name);
    if (commit != Commit.LOST) {
      transaction.apply();
    }
    end(transaction);
    if (commit != Commit.LOST) {
      fate.committed(transaction.name);
    }
    if (commit != Commit.ANSWERED) {
      throw new DataAccessResourceFailureException("the connection broke during the commit");
    }
    fate.boundary("after the commit of", transaction.name);
  }

  @Override
  public void rollback(TransactionStatus status) {
    end((Transaction) status);
  }

  private void end(Transaction transaction) {
    transaction.open = false;
    locks.values().removeIf(it -> it == transaction);
    running.values().forEach(it -> it.remove(transaction));
  }

  private Object thread() {
    return Objects.requireNonNullElse(actors.current(), this);
  }

  /** The transaction of this thread; null outside of one. */
  public @Nullable Transaction current() {
    Deque<Transaction> own = running.get(thread());
    return own == null ? null : own.peek();
  }

  /**
   * @throws DataAccessResourceFailureException if the database has ended it
   */
  public Transaction required() {
    Transaction transaction = Objects.requireNonNull(current(), "no transaction");
    if (!transaction.isAlive()) {
      throw new DataAccessResourceFailureException("the transaction took too long");
    }
    return transaction;
  }

  public boolean isFree(Object row) {
    Transaction holder = locks.get(row);
    return holder == null || !holder.isAlive() || holder == current();
  }

  /** Waits for a lock, which the transaction keeps until it ends. */
  public void lock(Object row) {
    required();
    if (!isFree(row) && !actors.await(() -> isFree(row), LOCK_TIMEOUT)) {
      throw new CannotAcquireLockException("another transaction has locked the row");
    }
    locks.put(row, required());
  }

  public boolean lockIfFree(Object row) {
    boolean free = isFree(row);
    if (free) {
      locks.put(row, required());
    }
    return free;
  }
}
