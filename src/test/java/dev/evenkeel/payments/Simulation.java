package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.posting.RulesFixture;
import dev.evenkeel.accounts.posting.SimulatedBooks;
import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.events.Outbox;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.PaymentIntake.NewPayment;
import dev.evenkeel.payments.PaymentIntake.NewRefund;
import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.SimulatedWire;
import dev.evenkeel.payments.provider.World;
import dev.evenkeel.payments.provider.stripe.SimulatedStripe;
import dev.paymentprovider.SimulatedProvider;
import dev.testing.simulation.Actors;
import dev.testing.simulation.SimulatedDatabase;
import dev.testing.simulation.SimulatedDatabase.Table;
import dev.testing.simulation.SimulatedWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/**
 * A history of payments, of which a seed decides everything: what customers and operators do, which
 * thread runs next, what happens to calls and commits, which process dies, and how time passes.
 */
final class Simulation implements AutoCloseable {

  static final long OPENING_BALANCE = 600;

  private static final String OWNER = "ada";
  private static final int STEPS = 120;
  private static final int MAX_ROUNDS = 150;

  /** The provider whose protocol is spoken. */
  enum Protocol {
    SIMULATOR,
    STRIPE
  }

  private final Protocol protocol;
  private final SimulatedWorld world;
  private final Actors actors;
  private final Story story;
  private final Facts facts = new Facts();
  private final SimulatedDatabase database;
  private final SimulatedPayments payments;
  private final SimulatedCaptures captureRequests;
  private final SimulatedBooks books;
  private final Table<UUID, PaymentEvent> events;
  private final Path file;
  private final SimulatedProvider provider;
  private final PaymentChecks checks;
  private final SimulatedNetwork network;
  private final List<SimulatedInstance> instances = new ArrayList<>();
  private final List<Account> accounts = new ArrayList<>();
  private final List<NewPayment> requests = new ArrayList<>();
  private final List<Capture> captures = new ArrayList<>();
  private boolean calm;

  private Simulation(Protocol protocol, long seed, boolean told) throws IOException {
    this.protocol = protocol;
    world = new SimulatedWorld(seed);
    actors = new Actors(world);
    story = new Story(told, world);
    database = new SimulatedDatabase(world, actors, new FateOfTransactions());
    payments = new SimulatedPayments(database);
    captureRequests = new SimulatedCaptures(database);
    books = new SimulatedBooks(database);
    events = new Table<>(database);
    file = SimulatedProvider.newFile();
    provider =
        protocol == Protocol.STRIPE
            ? new SimulatedStripe(file, world.clock(), this::later, this::sendWebhook)
            : new SimulatedProvider(file, world.clock(), this::later, this::sendWebhook);
    checks = new PaymentChecks(world, story, facts, payments, books, events, provider);
    network = new SimulatedNetwork(world, actors, story, provider, facts, checks);
    instances.add(newInstance("A"));
    instances.add(newInstance("B"));
  }

  /** A history that broke a rule. */
  static final class Failure extends AssertionError {

    Failure(Protocol protocol, long seed, Story story, Throwable cause) {
      super(
          "%s%n%nThe provider is %s, the seed is %d. What happened:%n%s"
              .formatted(cause.getMessage(), protocol, seed, String.join("\n", story.lines())),
          cause);
    }
  }

  /**
   * @return the story, if it is to be told
   */
  static List<String> run(Protocol protocol, long seed, boolean told) {
    try (Simulation simulation = new Simulation(protocol, seed, told)) {
      try {
        simulation.run();
      } catch (RuntimeException | AssertionError broken) {
        throw new Failure(protocol, seed, simulation.story, broken);
      }
      return simulation.story.lines();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private SimulatedInstance newInstance(String name) {
    Outbox outbox =
        event -> {
          PaymentEvent it = (PaymentEvent) event;
          events.put(it.id(), it);
        };
    return new SimulatedInstance(
        name, world, actors, this::gateway, payments, captureRequests, books, database, outbox);
  }

  private Gateway gateway(World own) {
    return protocol == Protocol.STRIPE
        ? SimulatedStripe.gateway(new SimulatedWire(network), own)
        : SimulatedWire.gateway(network);
  }

  private final class FateOfTransactions implements SimulatedDatabase.Fate {

    @Override
    public void boundary(String moment, String transaction) {
      if (!calm) {
        actors.pause();
      }
    }

    @Override
    public SimulatedDatabase.Commit commit(String transaction) {
      if (calm || !world.onceIn(60)) {
        return SimulatedDatabase.Commit.ANSWERED;
      }
      boolean lost = world.onceIn(2);
      story.add(() ->
          actors.current()
              + " loses its connection while it commits, "
              + (lost ? "and nothing is stored" : "but everything is stored"));
      return lost ? SimulatedDatabase.Commit.LOST : SimulatedDatabase.Commit.DONE_BUT_UNANSWERED;
    }

    @Override
    public void committed(String transaction) {
      checks.afterCommit(String.valueOf(actors.current()));
    }
  }

  private void run() {
    calm = true;
    openAccounts();
    calm = false;
    for (int step = 0; step < STEPS; step++) {
      List<Actors.Actor> runnable = actors.runnable();
      int dice = world.below(100);
      if (!runnable.isEmpty() && dice < 78) {
        actors.resume(world.oneOf(runnable));
        world.pass(world.upTo(Duration.ofMillis(20)));
      } else if (dice < 90) {
        somethingBegins();
      } else if (dice < 97) {
        world.pass(world.upTo(Duration.ofSeconds(4)));
      } else if (dice < 98) {
        crash();
        if (world.onceIn(4)) {
          makeReadable();
        }
      } else {
        timeLeaps();
      }
    }
    calm = true;
    network.heal();
    story.add(() -> "From now on nothing goes wrong any more");
    comeToRest();
    payments.committed().forEach(checks::isFinalOrDecidable);
    makeReadable();
    // What was decided may be contradicted once more, which is then decided or acknowledged.
    for (int i = 0; i < 3; i++) {
      askAboutDifferences();
      decideAll();
      comeToRest();
    }
    checks.atTheEnd();
  }

  private void openAccounts() {
    for (int i = 0; i < 2; i++) {
      Account account = RulesFixture.account(OWNER, OPENING_BALANCE, 0);
      accounts.add(account);
      instances
          .getFirst()
          .transactions
          .run(() -> {
            books.open(account);
            return account;
          });
    }
  }

  private void timeLeaps() {
    Duration leap =
        world.upTo(
            world.oneOf(
                List.of(
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(70),
                    Duration.ofHours(26))));
    world.pass(leap);
    story.add(() -> "All of that stood still for " + leap);
  }

  private void crash() {
    int index = world.below(instances.size());
    SimulatedInstance dead = instances.get(index);
    story.add(() -> dead + " dies and is started anew");
    actors.kill(dead);
    dead.close();
    instances.set(index, newInstance(dead.name));
  }

  private void somethingBegins() {
    int dice = world.below(100);
    if (dice < 20) {
      submit(newPayment(PaymentKind.PAY_IN));
    } else if (dice < 28) {
      submit(newPayment(PaymentKind.PAY_OUT));
    } else if (dice < 38) {
      boolean any = world.onceIn(4);
      any(
          it ->
              it.getKind() == PaymentKind.PAY_IN
                  && (any || it.getStatus() == PaymentStatus.SUCCEEDED),
          this::refund);
    } else if (dice < 46 && !requests.isEmpty()) {
      submit(world.oneOf(requests));
    } else if (dice < 51) {
      any(it -> true, this::cancel);
    } else if (dice < 55) {
      boolean any = world.onceIn(4);
      any(it -> any || it.getStatus() == PaymentStatus.AUTHORIZED, this::capture);
    } else if (dice < 58) {
      customerActs();
    } else if (dice < 78) {
      sweep(world.oneOf(instances));
    } else if (dice < 84) {
      expire(world.oneOf(instances));
    } else if (dice < 88) {
      chargeBack();
    } else if (dice < 90) {
      reinstate();
    } else if (dice < 92) {
      any(it -> true, it -> sendWebhook(it.getId().toString()));
    } else if (dice < 95) {
      any(it -> true, this::ask);
    } else if (dice < 98) {
      any(it -> it.getAttention() != null, this::decide);
    } else if (dice < 99) {
      any(
          it -> it.getStatus() != PaymentStatus.REFUSED,
          it -> {
            story.add(() -> "The provider will never get done with " + story.name(it));
            network.curse(it.getId().value());
          });
    } else {
      any(it -> it.getStatus() != PaymentStatus.REFUSED, this::makeUnreadable);
    }
  }

  /** A release was rolled back: the one before cannot read what it wrote. */
  private void makeUnreadable(Payment payment) {
    story.add(() -> story.name(payment) + " cannot be read");
    facts.unreadable.add(payment.getId().value());
    payments.unreadable().add(payment.getId().value());
  }

  private void makeReadable() {
    story.add(() -> "Everything can be read again");
    payments.unreadable().clear();
  }

  private void any(Predicate<Payment> which, Consumer<Payment> action) {
    List<Payment> matching = payments.committed().stream().filter(which).toList();
    if (!matching.isEmpty()) {
      action.accept(world.oneOf(matching));
    }
  }

  /** Starts a thread of an instance. What the database refuses is an error that callers get. */
  private void start(String what, SimulatedInstance instance, Runnable work) {
    story.add(() -> instance + ": " + what);
    actors.start(
        instance.name,
        instance,
        () -> {
          try {
            work.run();
          } catch (DataAccessException | ConcurrentRequestException refused) {
            story.add(() -> instance + ": " + what + " ends with " + refused.getMessage());
          } catch (IllegalStateException unreadable) {
            if (payments.unreadable().isEmpty()) {
              throw unreadable;
            }
            story.add(() -> instance + ": " + what + " ends with " + unreadable.getMessage());
          }
        });
  }

  private IdempotentRequest newRequest() {
    return newRequest("key-" + requests.size());
  }

  private static IdempotentRequest newRequest(String key) {
    return new IdempotentRequest(OWNER, new IdempotencyKey(key), Fingerprint.of(key));
  }

  private PaymentRequest newPayment(PaymentKind kind) {
    List<String> instruments =
        List.of("tok_ok", "tok_ok", "tok_ok", "tok_async", "tok_declined", "tok_action");
    return new PaymentRequest(
        newRequest(),
        world.oneOf(accounts).id(),
        kind,
        Money.of(100 + world.below(500), "EUR"),
        world.oneOf(instruments),
        null,
        null,
        null,
        null,
        kind == PaymentKind.PAY_IN && world.onceIn(3));
  }

  private void refund(Payment payment) {
    Long amount = world.onceIn(2) ? null : 1 + (long) world.below(300);
    submit(new NewRefund(newRequest(), payment.getId(), amount));
  }

  private void submit(NewPayment request) {
    boolean again = requests.contains(request);
    if (!again) {
      requests.add(request);
    }
    String what =
        "a customer asks %sfor %s"
            .formatted(
                again ? "again " : "",
                switch (request) {
                  case PaymentRequest it -> "a " + it.kind() + " of " + it.money();
                  case NewRefund it -> "a refund of " + story.number(it.payment().value());
                });
    SimulatedInstance instance = world.oneOf(instances);
    start(
        what,
        instance,
        () -> {
          Outcome<Payment> outcome = instance.intake.submit(request);
          story.add(() ->
              instance
                  + " answers: "
                  + switch (outcome) {
                    case Outcome.Done<Payment>(Payment it) -> story.name(it) + " " + it.getStatus();
                    case Outcome.Replayed<Payment>(Payment it) ->
                        story.name(it) + " " + it.getStatus() + ", as before";
                    case Outcome.Refused<Payment>(var problem, _) -> problem.type().slug();
                  });
        });
  }

  private void cancel(Payment payment) {
    SimulatedInstance instance = world.oneOf(instances);
    start(
        "the customer cancels " + story.name(payment),
        instance,
        () -> {
          facts.canceled.add(payment.getId().value());
          instance.payments.cancel(payment.getId());
        });
  }

  private record Capture(IdempotentRequest keyed, Payment payment, @Nullable Long amount) {}

  private void capture(Payment payment) {
    boolean again = !captures.isEmpty() && world.onceIn(3);
    Capture capture =
        again
            ? world.oneOf(captures)
            : new Capture(
                newRequest("capture-" + captures.size()),
                payment,
                world.onceIn(2) ? null : 1 + (long) world.below(600));
    captures.add(capture);
    SimulatedInstance instance = world.oneOf(instances);
    start(
        "the customer captures %s of %s"
            .formatted(
                capture.amount() == null ? "all" : "" + capture.amount(),
                story.name(capture.payment())),
        instance,
        () ->
            instance.payments.capture(
                capture.keyed(), capture.payment().getId(), capture.amount()));
  }

  private void customerActs() {
    List<SimulatedProvider.Recorded> pending =
        provider.recorded().stream().filter(SimulatedProvider.Recorded::isPending).toList();
    if (!pending.isEmpty()) {
      SimulatedProvider.Recorded operation = world.oneOf(pending);
      boolean approves = !world.onceIn(4);
      story.add(() ->
          "The customer %s %s"
              .formatted(
                  approves ? "approves" : "declines",
                  story.number(UUID.fromString(operation.key()))));
      provider.act(operation.id(), approves);
    }
  }

  private void sweep(SimulatedInstance instance) {
    story.add(() -> instance + ": recovery looks for work");
    instance.recovery.sweep();
  }

  private void expire(SimulatedInstance instance) {
    start("looks for what has expired", instance, instance.recovery::expire);
  }

  private void ask(Payment payment) {
    SimulatedInstance instance = world.oneOf(instances);
    start(
        "an operator has the provider asked about " + story.name(payment),
        instance,
        () -> instance.recovery.resolve(payment.getId()));
  }

  /** An operator decides as it really is, or acknowledges what the rules do not let change. */
  private void decide(Payment payment) {
    SimulatedInstance instance = world.oneOf(instances);
    long really = checks.moved(payment);
    Long amount = really > 0 && really != payment.moved() ? really : null;
    start(
        "an operator decides that %d of %s has moved".formatted(really, story.name(payment)),
        instance,
        () -> {
          facts.decided.add(payment.getId().value());
          if (decide(instance, payment, really > 0, amount) instanceof Outcome.Refused) {
            facts.acknowledged.add(payment.getId().value());
            PaymentStatus status = payment.getStatus();
            decide(instance, payment, status.isFinal() ? status.hasSucceeded() : really > 0, null);
          }
        });
  }

  private static Outcome<Payment> decide(
      SimulatedInstance instance, Payment payment, boolean moved, @Nullable Long amount) {
    return instance.operations.decide(
        payment.getId(),
        new PaymentOperations.Decision(moved, amount, "seen at the provider", null));
  }

  private void chargeBack() {
    List<SimulatedProvider.Recorded> inEffect =
        provider.recorded().stream()
            .filter(it -> it.isInEffect() && !it.kind().equals("RETURN"))
            .toList();
    if (!inEffect.isEmpty()) {
      SimulatedProvider.Recorded operation = world.oneOf(inEffect);
      boolean all = world.onceIn(2) || !provider.isFlexibleAbout(operation.kind());
      Long amount = all ? null : 1 + (long) world.below(200);
      String part = amount == null ? "all" : "" + amount;
      story.add(() ->
          "The provider takes back %s of %s"
              .formatted(part, story.number(UUID.fromString(operation.key()))));
      provider.takeBack(operation.id(), amount);
    }
  }

  private void reinstate() {
    List<SimulatedProvider.Recorded> returns =
        provider.recorded().stream()
            .filter(it -> it.kind().equals("RETURN") && !it.reinstated())
            .filter(it -> provider.isReinstatable(it.id()))
            .toList();
    if (!returns.isEmpty()) {
      SimulatedProvider.Recorded undone = world.oneOf(returns);
      story.add(() -> "The provider reinstates a return of " + undone.amount());
      provider.reinstate(undone.id());
    }
  }

  private void later(Duration delay, Runnable work) {
    actors.start(
        "the provider",
        provider,
        () -> {
          actors.await(() -> false, delay);
          story.add(() -> "The provider has decided");
          work.run();
        });
  }

  private void sendWebhook(String reference) {
    int copies = calm ? 1 : world.below(3);
    UUID payment = UUID.fromString(reference);
    story.add(() -> "%d webhooks about %s are sent".formatted(copies, story.number(payment)));
    for (int i = 0; i < copies; i++) {
      SimulatedInstance instance = world.oneOf(instances);
      Duration delay = world.upTo(Duration.ofSeconds(10));
      start(
          "is about to get a webhook",
          instance,
          () -> {
            actors.await(() -> false, delay);
            instance.transactions.run(() -> deliver(payment, instance.webhooks));
          });
    }
  }

  private ProviderWebhooks.Result deliver(UUID payment, ProviderWebhooks webhooks) {
    if (protocol == Protocol.STRIPE) {
      SimulatedStripe.Message message = SimulatedStripe.webhook(payment);
      return webhooks.receive(message.headers(), message.body());
    }
    return ProviderMessage.about(payment).deliverTo(webhooks);
  }

  /** Lets all work end that is under way. */
  private void drain() {
    for (int i = 0; i < 10_000; i++) {
      List<Actors.Actor> runnable = actors.runnable();
      Instant wake = actors.nextWake();
      if (!runnable.isEmpty()) {
        actors.resume(world.oneOf(runnable));
      } else if (wake != null) {
        world.pass(Duration.between(world.now(), wake));
      } else {
        return;
      }
    }
    throw new AssertionError("threads never end");
  }

  /** Runs recovery until no payment waits for anything but a decision. */
  private void comeToRest() {
    drain();
    for (int round = 0; payments.committed().stream().anyMatch(this::isUnderWay); round++) {
      if (round == MAX_ROUNDS) {
        payments.committed().forEach(checks::isFinalOrDecidable);
        throw new AssertionError("recovery never comes to rest");
      }
      instances.forEach(this::sweep);
      drain();
      expire(world.oneOf(instances));
      drain();
      world.pass(untilNextAttempt(round));
    }
  }

  /** Payments that never end are attempted often: after a while, most of these are left out. */
  private Duration untilNextAttempt(int round) {
    Duration shortest = round < 20 ? Duration.ofSeconds(6) : Duration.ofHours(2);
    return payments.committed().stream()
        .filter(this::isUnderWay)
        .map(SimulatedPayments::nextAttemptAt)
        .filter(Objects::nonNull)
        .map(it -> Duration.between(world.now(), it))
        .min(Duration::compareTo)
        .filter(it -> it.compareTo(shortest) > 0)
        .orElse(shortest);
  }

  private boolean isUnderWay(Payment payment) {
    boolean waits =
        EntityState.get(payment.calls(), "nextAttemptAt") != null
            && !facts.cursed.contains(payment.getId().value());
    return payment.getAttention() == null && (waits || !payment.getStatus().isFinal());
  }

  /** Does what follows from the daily comparison with the provider's report. */
  private void askAboutDifferences() {
    for (int tries = 0; tries < 3; tries++) {
      for (Payment payment : payments.committed()) {
        if (payment.getStatus().isFinal()
            && payment.getStatus() != PaymentStatus.REFUSED
            && payment.getAttention() == null
            && !checks.agreesWithProvider(payment)) {
          ask(payment);
          drain();
          world.pass(Duration.ofMinutes(1));
        }
      }
    }
  }

  private void decideAll() {
    for (Payment payment : payments.committed()) {
      if (payment.getAttention() != null) {
        decide(payment);
        drain();
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (SimulatedInstance instance : instances) {
      actors.kill(instance);
      instance.close();
    }
    actors.kill(provider);
    actors.kill(network);
    Files.delete(file);
  }
}
