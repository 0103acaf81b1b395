package dev.evenkeel.payments;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import dev.evenkeel.payments.provider.SimulatedWire;
import dev.evenkeel.payments.provider.SimulatedWire.Answered;
import dev.evenkeel.payments.provider.SimulatedWire.NoConnection;
import dev.paymentprovider.SimulatedProvider;
import dev.testing.simulation.Actors;
import dev.testing.simulation.SimulatedWorld;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The way to the provider, with all that happens on it. Remembers what it did to whom. */
final class SimulatedNetwork implements SimulatedWire.Network {

  /** How late a copy of a request may arrive. */
  private static final Duration LATEST = Duration.ofMinutes(50);

  /** Nothing lives longer than that on the network, even if all of it stands still. */
  private static final Duration TOO_LATE = Duration.ofMinutes(55);

  private static final Pattern CONTENT = Pattern.compile("\"(?:status|error)\":\"([^\"]*)\"");

  /** A payment that the provider never gets done with. */
  private enum Curse {
    ALWAYS_500,
    NO_ANSWER,
    UNKNOWN_STATUS
  }

  private final SimulatedWorld world;
  private final Actors actors;
  private final Story story;
  private final SimulatedProvider provider;
  private final PaymentChecks checks;

  /** One in so many calls goes wrong; 0 for none. */
  private int trouble;

  private final Map<UUID, Curse> curses = new HashMap<>();

  private final Facts facts;

  SimulatedNetwork(
      SimulatedWorld world,
      Actors actors,
      Story story,
      SimulatedProvider provider,
      Facts facts,
      PaymentChecks checks) {
    this.world = world;
    this.actors = actors;
    this.story = story;
    this.provider = provider;
    this.facts = facts;
    this.checks = checks;
    this.trouble = world.oneOf(List.of(2, 3, 5, 12));
  }

  /** From now on all calls succeed, except those for cursed payments. */
  void heal() {
    trouble = 0;
  }

  /** The provider never gets done with this payment. */
  void curse(UUID payment) {
    facts.cursed.add(payment);
    curses.put(payment, world.oneOf(List.of(Curse.values())));
  }

  @Override
  public Answered call(String path, @Nullable String key, byte @Nullable [] body, Duration timeout)
      throws IOException, NoConnection {
    SimulatedProvider.Subject subject = provider.about(path, key, body);
    boolean change = body != null;
    boolean order = subject.order();
    String followUp = subject.followUp();
    UUID payment = UUID.fromString(subject.key());
    String does =
        followUp != null
            ? " asks to " + followUp + " "
            : order ? " orders " : change ? " ends " : " asks about ";
    String what = actors.current() + does + story.number(payment) + ": ";
    if (order) {
      checks.mayBeSent(payment);
    }
    if (followUp != null) {
      checks.mayBeAskedFor(payment, followUp);
    }
    boolean connected = trouble == 0 || !world.onceIn(3 * trouble);
    if (!connected) {
      story.add(() -> what + "no connection");
      actors.pause();
      throw new NoConnection();
    }
    if (order) {
      facts.sent.add(payment);
    }
    if (curses.get(payment) instanceof Curse curse && !subject.listed()) {
      return cursed(curse, path, key, body, timeout, payment, what);
    }
    if (trouble == 0 || !world.onceIn(trouble)) {
      return deliver(path, key, body, payment, what);
    }
    return switch (world.below(order ? 11 : change ? 10 : 6)) {
      case 0 -> {
        story.add(() -> what + "the answer is lost");
        deliver(path, key, body, payment, null);
        yield timeout(timeout);
      }
      case 1 -> {
        story.add(() -> what + "the request is lost");
        yield timeout(timeout);
      }
      case 2 -> {
        story.add(() -> what + "500");
        yield new Answered(500, new byte[0]);
      }
      case 3 -> {
        story.add(() -> what + "429");
        yield new Answered(429, new byte[0]);
      }
      case 4 -> {
        deliver(path, key, body, payment, null);
        story.add(() -> what + "garbage");
        yield new Answered(200, "<html>".getBytes(UTF_8));
      }
      case 5 -> {
        Answered answer = deliver(path, key, body, payment, null);
        String lie = change ? null : provider.falsified(new String(answer.body(), UTF_8));
        if (lie != null && world.onceIn(2)) {
          facts.liedAbout.add(payment);
          story.add(() -> what + "declined, which is not true");
          yield new Answered(answer.status(), lie.getBytes(UTF_8));
        }
        story.add(() -> what + "500, though it has done it");
        yield new Answered(500, new byte[0]);
      }
      case 6, 7 -> {
        Duration delay = world.upTo(world.oneOf(List.of(Duration.ofSeconds(20), LATEST)));
        story.add(() -> what + "the request hangs, to arrive in " + delay);
        later(path, key, body, payment, delay);
        yield timeout(timeout);
      }
      case 8 -> {
        Duration delay = world.upTo(Duration.ofSeconds(20));
        story.add(() -> what + "a second copy is to arrive in " + delay);
        later(path, key, body, payment, delay);
        yield deliver(path, key, body, payment, what);
      }
      case 9 -> {
        SimulatedProvider.Answer rejection = provider.rejection();
        story.add(() -> what + rejection.status());
        facts.rejected.add(payment);
        yield new Answered(rejection.status(), rejection.body());
      }
      default -> {
        // The provider takes 1 for 7: another amount than was asked for really moves.
        String changed = provider.misread(new String(Objects.requireNonNull(body), UTF_8));
        story.add(() -> what + "understood wrongly");
        yield deliver(path, key, changed.getBytes(UTF_8), payment, what);
      }
    };
  }

  private Answered cursed(
      Curse curse,
      String path,
      @Nullable String key,
      byte @Nullable [] body,
      Duration timeout,
      UUID payment,
      String what)
      throws IOException {
    Answered answer = deliver(path, key, body, payment, null);
    story.add(() -> what + "cursed, " + curse);
    return switch (curse) {
      case ALWAYS_500 -> new Answered(500, new byte[0]);
      case NO_ANSWER -> timeout(timeout);
      case UNKNOWN_STATUS ->
          new Answered(
              answer.status(),
              new String(answer.body(), UTF_8)
                  .replaceAll("\"status\":\"\\w+\"", "\"status\":\"under_review\"")
                  .getBytes(UTF_8));
    };
  }

  /** What people want to know of an answer. */
  private static String content(SimulatedProvider.Answer answer) {
    Matcher found = CONTENT.matcher(new String(answer.body(), UTF_8));
    return found.results().map(it -> " " + it.group(1)).collect(joining());
  }

  private void later(
      String path, @Nullable String key, byte @Nullable [] body, UUID payment, Duration delay) {
    facts.copied.add(payment);
    Instant sentAt = world.now();
    actors.start(
        "the network",
        this,
        () -> {
          actors.await(() -> false, delay);
          String what = "a copy of the request for " + story.number(payment) + " arrives: ";
          try {
            deliver(path, key, body, payment, what, sentAt);
          } catch (IOException dropped) {
            story.add(() -> what + "never");
          }
        });
  }

  private void pause() {
    if (trouble > 0) {
      actors.pause();
    }
  }

  private Answered timeout(Duration timeout) throws IOException {
    actors.await(() -> false, timeout);
    throw new IOException("no complete answer in time");
  }

  private Answered deliver(
      String path,
      @Nullable String key,
      byte @Nullable [] body,
      UUID payment,
      @Nullable String what)
      throws IOException {
    return deliver(path, key, body, payment, what, world.now());
  }

  /**
   * @param what for the story; null if the answer does not arrive
   */
  private Answered deliver(
      String path,
      @Nullable String key,
      byte @Nullable [] body,
      UUID payment,
      @Nullable String what,
      Instant sentAt)
      throws IOException {
    pause();
    if (world.now().isAfter(sentAt.plus(TOO_LATE))) {
      throw new IOException("the network has dropped the request");
    }
    boolean order = provider.about(path, key, body).order();
    if (order && world.now().isAfter(sentAt.plus(SimulatedInstance.SETTINGS.claim()))) {
      facts.copied.add(payment);
    }
    SimulatedProvider.Answer answer = provider.answer(path, key, body);
    if (order) {
      checks.oneOperationForEachKey();
    }
    if (what != null) {
      story.add(() -> what + answer.status() + content(answer));
    }
    pause();
    return new Answered(answer.status(), answer.body(), answer.replayed());
  }
}
