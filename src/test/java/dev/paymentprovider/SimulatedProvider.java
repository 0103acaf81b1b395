package dev.paymentprovider;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.paymentprovider.Fault.Mode;
import dev.paymentprovider.OperationRequest.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The provider without its network and its clock. Its record of operations is the real one. */
public class SimulatedProvider {

  /** How long it remembers idempotency keys. */
  public static final Duration KEY_RETENTION = Duration.ofHours(24);

  private static final Fault NONE = new Fault(Mode.NONE, 0L, 1.0, null, KEY_RETENTION.toSeconds());

  private static final String QUERY = "/operations/";

  private final Operations operations;

  /**
   * @param file an empty file for its record
   * @param later runs work after a delay
   * @param webhooks is told the reference of an operation that has changed
   */
  public SimulatedProvider(
      Path file,
      InstantSource clock,
      BiConsumer<Duration, Runnable> later,
      Consumer<String> webhooks) {
    try {
      operations =
          new Operations(
              file,
              new Environment() {
                @Override
                public Instant now() {
                  return clock.instant();
                }

                @Override
                public void later(Duration delay, Runnable work) {
                  later.accept(delay, work);
                }

                @Override
                public String actionPage(String id) {
                  return "http://provider.test/actions/" + id;
                }

                @Override
                public void sendWebhook(String reference, Mode mode) {
                  webhooks.accept(reference);
                }
              },
              0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * An answer as it is on the wire.
   *
   * @param replayed whether it says what was true at the first request with its key
   */
  public record Answer(int status, byte[] body, boolean replayed) {

    public Answer(int status, String body) {
      this(status, body.getBytes(UTF_8), false);
    }

    public String text() {
      return new String(body, UTF_8);
    }
  }

  /**
   * What a request is about.
   *
   * @param key the idempotency key of the operation's order
   * @param order whether the request makes the operation
   * @param followUp what is to be done with the operation; null if nothing that somebody wants
   * @param listed whether it asks for a list of what belongs to the operation
   */
  public record Subject(String key, boolean order, @Nullable String followUp, boolean listed) {

    public Subject(String key, boolean order, @Nullable String followUp) {
      this(key, order, followUp, false);
    }
  }

  /** Returns what a request is about: the key of what follows an order begins with the order's. */
  public Subject about(String path, @Nullable String key, byte @Nullable [] body) {
    if (key == null) {
      return new Subject(key(path.substring(QUERY.length())), false, null);
    }
    String[] parts = key.split("/");
    return new Subject(parts[0], parts.length == 1, parts.length > 1 ? parts[1] : null);
  }

  /** Answers any request. */
  public Answer answer(String path, @Nullable String key, byte @Nullable [] body) {
    if (body == null || key == null) {
      return find(path.substring(QUERY.length()));
    }
    return key.contains("/") ? followUp(path, body) : perform(path, key, body);
  }

  /** Says of what was approved that it is declined; null if nothing was. */
  public @Nullable String falsified(String answer) {
    return answer.contains("approved") ? answer.replace("approved", "declined") : null;
  }

  /** An order whose amount begins with 7. */
  public String misread(String order) {
    return order.replaceFirst("\"amount\":\\d", "\"amount\":7");
  }

  /** Rejects a request that nothing is wrong with. */
  public Answer rejection() {
    return new Answer(422, "");
  }

  /** Whether it takes back parts of operations of this kind. */
  public boolean isFlexibleAbout(String kind) {
    return true;
  }

  /** Whether it may undo this return. */
  public boolean isReinstatable(String id) {
    return true;
  }

  /** Whether it has operations of this kind. */
  public boolean offers(String kind) {
    return true;
  }

  /**
   * An operation as the provider remembers it for good.
   *
   * @param asked the amount of the order
   * @param amount what moves: what was asked for or, if less, captured
   * @param returned what was taken back and not given again
   * @param everReturned whether anything was ever taken back
   * @param reinstated whether this return was undone
   */
  public record Recorded(
      String id,
      String key,
      String kind,
      String status,
      long asked,
      long amount,
      long returned,
      boolean everReturned,
      boolean reinstated) {

    public boolean isApproved() {
      return status.equals("APPROVED");
    }

    /** Whether a customer has to act. */
    public boolean isPending() {
      return status.equals("PENDING");
    }

    /** Whether the money has moved and has not all come back. */
    public boolean isInEffect() {
      return isApproved() && returned < amount;
    }
  }

  public List<Recorded> recorded() {
    return operations.all().stream().map(SimulatedProvider::recorded).toList();
  }

  /** What was made under a key, even if the provider has forgotten the key. */
  public @Nullable Recorded recorded(String key) {
    return recorded().stream().filter(it -> it.key().equals(key)).findFirst().orElse(null);
  }

  private static Recorded recorded(Operation it) {
    long amount = it.forCallers().request().amount();
    return new Recorded(
        it.id(),
        it.key(),
        it.request().kind().name(),
        it.status().name(),
        it.request().amount(),
        amount,
        it.status() == Operation.Status.APPROVED ? amount - it.amountInEffect() : 0,
        it.returns() != null,
        it.reinstated() != null);
  }

  /** Whether the provider still knows a key. */
  public boolean knows(String key) {
    return find(key).status() == 200;
  }

  /** Answers a request for an operation. */
  public Answer perform(String path, String key, byte[] body) {
    return answer(() -> {
      Kind kind =
          switch (path) {
            case "/charges" -> Kind.CHARGE;
            case "/payouts" -> Kind.PAYOUT;
            case "/refunds" -> Kind.REFUND;
            default -> throw new RejectedException(404, "not-found");
          };
      Operation operation = operations.perform(key, OperationRequest.read(kind, body), NONE);
      boolean pending = operation.status() == Operation.Status.PENDING;
      return new Response(pending ? 202 : 201, operation.forCallers());
    });
  }

  /** Answers a request to capture or cancel an operation. */
  public Answer followUp(String path, byte[] body) {
    String[] parts = path.split("/");
    return answer(() -> {
      Operation operation =
          parts[3].equals("cancel")
              ? operations.cancel(parts[2], Mode.NONE)
              : operations.capture(
                  parts[2], Json.MAPPER.readTree(body).path("amount").longValue(), Mode.NONE);
      return new Response(200, operation.forCallers());
    });
  }

  /** A customer approves or declines, if that is still to be done. */
  public void act(String id, boolean approved) {
    answer(() -> new Response(200, operations.act(id, approved, Mode.NONE)));
  }

  /** The key of the operation with this id, or the key itself. */
  public String key(String keyOrId) {
    return keyOrId.startsWith(Operation.ID_PREFIX) ? operations.byId(keyOrId).key() : keyOrId;
  }

  /** Answers a question about the operation of a key or id. */
  public Answer find(String key) {
    return answer(() -> new Response(200, operations.find(key, NONE).forCallers()));
  }

  /**
   * Takes an operation back, or a part of it, if as much is left of it.
   *
   * @param amount null for all that is left
   */
  public void takeBack(String id, @Nullable Long amount) {
    answer(() -> new Response(200, operations.returnOperation(id, amount, Mode.NONE)));
  }

  /** Undoes a return. */
  public void reinstate(String id) {
    answer(() -> new Response(200, operations.reinstate(id, Mode.NONE)));
  }

  private interface Request {
    Response handle() throws InterruptedException;
  }

  private static Answer answer(Request request) {
    Response response;
    try {
      response = request.handle();
    } catch (RejectedException rejected) {
      response = rejected.response;
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts it", e);
    }
    return new Answer(response.status(), Json.MAPPER.writeValueAsBytes(response.body()), false);
  }

  /** Makes an empty file for a record. */
  public static Path newFile() throws IOException {
    return Files.createTempFile("simulated-provider", ".jsonl");
  }
}
