package dev.evenkeel.http;

import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Validator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.accept.HeaderContentNegotiationStrategy;
import org.springframework.web.context.request.ServletWebRequest;

/**
 * A request whose parts a controller reads when it is their turn. The contract orders refusals: a
 * resource of the path that is not there is 404 before a body is looked at, and what cannot be
 * answered acceptably is 406 before anything is done. So controllers take this as a parameter, look
 * up what the path names, and then ask for the rest.
 */
public final class Input {

  private static final int LARGEST_BODY = 64 * 1024;
  private static final byte[] EMPTY = {'{', '}'};

  private static final MediaType CSV = new MediaType("text", "csv");
  private static final HeaderContentNegotiationStrategy ACCEPT =
      new HeaderContentNegotiationStrategy();

  private final ServletWebRequest exchange;
  private final HttpServletRequest request;
  private final Validator validator;
  private List<MediaType> offered = List.of(MediaType.APPLICATION_JSON);

  Input(ServletWebRequest exchange, Validator validator) {
    this.exchange = exchange;
    this.request = exchange.getRequest();
    this.validator = validator;
  }

  /**
   * A body under a key.
   *
   * @param keySent whether the caller chose it, and so can send it again
   */
  public record Keyed<T>(IdempotencyKey key, boolean keySent, Fingerprint fingerprint, T body) {

    public IdempotentRequest by(Caller caller) {
      return new IdempotentRequest(caller.owner(), key, fingerprint);
    }
  }

  /**
   * For operations that move or commit money.
   *
   * @throws ProblemException 406, 413, 415 or 400, in this order
   */
  public <T> Keyed<T> keyed(Class<T> type) {
    return keyed(type, LARGEST_BODY);
  }

  /** As above, for a body of at most so many bytes. */
  public <T> Keyed<T> keyed(Class<T> type, int largestBody) {
    return keyed(type, body(largestBody), Input::keyMissing);
  }

  /** As above, for a body without required fields: none at all is an empty one. */
  public <T> Keyed<T> keyedOrEmpty(Class<T> type) {
    byte[] body = body(LARGEST_BODY);
    return keyed(type, body.length == 0 ? EMPTY : body, Input::keyMissing);
  }

  /** For operations that take a key but do without: then it is one that nobody used before. */
  public <T> Keyed<T> maybeKeyed(Class<T> type) {
    return keyed(type, body(LARGEST_BODY), () -> new IdempotencyKey(UUID.randomUUID().toString()));
  }

  /** For operations that take a body or do without; no key. */
  public <T> Optional<T> maybeBody(Class<T> type) {
    byte[] body = body(LARGEST_BODY);
    if (body.length == 0) {
      return Optional.empty();
    }
    requireJsonContent();
    return Optional.of(JsonBody.parse(body).as(type, validator));
  }

  /** The body as it came, for who reads it otherwise. */
  public byte[] bytes() {
    return body(LARGEST_BODY);
  }

  private <T> Keyed<T> keyed(Class<T> type, byte[] bytes, Supplier<IdempotencyKey> absent) {
    if (bytes != EMPTY) {
      requireJsonContent();
    }
    JsonBody json = JsonBody.parse(bytes);
    // The path is part of what was asked for: two refunds of two payments are two requests.
    Fingerprint fingerprint = Fingerprint.of(target(), json.root());
    T body = json.as(type, validator);
    Optional<IdempotencyKey> key = key();
    return new Keyed<>(key.orElseGet(absent), key.isPresent(), fingerprint, body);
  }

  /** However it was written: an id is the same in capitals, and a path percent-encoded. */
  private String target() {
    return request.getServletPath().toLowerCase(Locale.ROOT);
  }

  private static IdempotencyKey keyMissing() {
    throw new ProblemException(
        CommonProblem.IDEMPOTENCY_KEY_MISSING,
        "The header Idempotency-Key is required here: a key of your choice.");
  }

  /** Which part of a list is asked for; {@code filters} are what its cursor belongs to. */
  public CursorRequest window(@Nullable Object... filters) {
    String limit = text("limit").orElse(CursorRequest.DEFAULT_LIMIT);
    String cursor = text("cursor").orElse(null);
    return CursorRequest.of(limit, cursor, target() + Arrays.toString(filters));
  }

  /**
   * Whose things a list is about: the caller's, or for operators those of {@code ?owner=}.
   *
   * @throws ProblemException 403 for another's
   */
  public String owner(Caller caller) {
    String owner = text("owner").orElse(caller.owner());
    if (!owner.equals(caller.owner())) {
      caller.requireOperator();
    }
    return owner;
  }

  /** One of these words, in lower case. */
  public <E extends Enum<E>> Optional<E> word(String parameter, Class<E> type) {
    return read(
        parameter,
        "is not a known value",
        word ->
            Stream.of(type.getEnumConstants())
                .filter(constant -> constant.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst()
                .orElseThrow(IllegalArgumentException::new));
  }

  public Optional<UUID> uuid(String parameter) {
    return read(parameter, "must be a UUID", StrictJson::uuid);
  }

  /** RFC 3339, any offset; in microseconds, as the database has them. */
  public Optional<Instant> instant(String parameter) {
    return read(parameter, "must be a time such as 2026-01-31T12:00:00Z", Input::microseconds);
  }

  private static Instant microseconds(String text) {
    if (text.startsWith("+") || text.startsWith("-")) {
      throw new DateTimeException("the year has four digits");
    }
    return OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MICROS);
  }

  private <T> Optional<T> read(String parameter, String message, Function<String, T> reading) {
    try {
      return text(parameter).map(reading);
    } catch (IllegalArgumentException | DateTimeException unfit) {
      throw ProblemException.invalid(parameter, message);
    }
  }

  public Optional<String> text(String parameter) {
    negotiate();
    try {
      Optional<String> value = Optional.ofNullable(request.getParameter(parameter));
      if (!value.map(JsonBody::isText).orElse(true)) {
        throw ProblemException.invalid(parameter, "has a character that is no text");
      }
      return value;
    } catch (IllegalStateException undecodable) {
      throw ProblemException.invalid(parameter, "cannot be decoded");
    }
  }

  private record Nothing() {}

  /** For operations without a body; an object without fields is none. */
  public void nothing() {
    maybeBody(Nothing.class);
  }

  /** Whether the caller would rather have text/csv than JSON; to be asked first. */
  public boolean wantsCsv() {
    offered = List.of(MediaType.APPLICATION_JSON, CSV);
    return negotiate().equals(CSV);
  }

  /** For what is answered with server-sent events; to be asked first. */
  public void eventStream() {
    offered = List.of(MediaType.TEXT_EVENT_STREAM);
    negotiate();
  }

  /**
   * What the caller likes best of what there is. It is settled with this, before anything is done.
   */
  private MediaType negotiate() {
    MediaType best = best();
    Objects.requireNonNull(exchange.getResponse()).setContentType(best.toString());
    return best;
  }

  private MediaType best() {
    try {
      List<MediaType> accepted = ACCEPT.resolveMediaTypes(exchange);
      return accepted.stream()
          .filter(type -> type.getQualityValue() > 0)
          .flatMap(type -> offered.stream().filter(it -> type.equals(closest(accepted, it))))
          .findFirst()
          .orElseThrow(this::notAcceptable);
    } catch (HttpMediaTypeNotAcceptableException malformed) {
      throw notAcceptable();
    }
  }

  /** Of all that cover a type the most specific one speaks for it, also where it says no. */
  private static @Nullable MediaType closest(List<MediaType> accepted, MediaType offer) {
    return accepted.stream()
        .filter(offer::isCompatibleWith)
        .min(
            Comparator.comparing(MediaType::isWildcardType)
                .thenComparing(MediaType::isWildcardSubtype))
        .orElse(null);
  }

  private ProblemException notAcceptable() {
    String types = String.join(" or ", offered.stream().map(MediaType::toString).toList());
    return new ProblemException(
        CommonProblem.NOT_ACCEPTABLE, "This is to be had as " + types + " only.");
  }

  private byte[] body(int largest) {
    negotiate();
    try {
      byte[] bytes = request.getInputStream().readNBytes(largest + 1);
      if (bytes.length > largest) {
        throw new ProblemException(
            CommonProblem.PAYLOAD_TOO_LARGE,
            "The body may have " + largest / 1024 + " KiB at most.");
      }
      return bytes;
    } catch (IOException incomplete) {
      throw JsonBody.malformed("The body ended before it was complete.");
    }
  }

  private void requireJsonContent() {
    try {
      MediaType type = MediaType.parseMediaType(String.valueOf(request.getContentType()));
      boolean utf8 = type.getCharset() == null || type.getCharset().equals(StandardCharsets.UTF_8);
      if (type.equalsTypeAndSubtype(MediaType.APPLICATION_JSON) && utf8) {
        return;
      }
    } catch (IllegalArgumentException malformed) {
      // falls through: what cannot be read is not supported
    }
    throw new ProblemException(
        CommonProblem.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json in UTF-8.");
  }

  private Optional<IdempotencyKey> key() {
    List<String> headers = Collections.list(request.getHeaders(IdempotencyKey.HEADER));
    if (headers.size() > 1) {
      throw ProblemException.invalid(IdempotencyKey.HEADER, "must be given once");
    }
    try {
      return headers.stream().findFirst().map(IdempotencyKey::ofHeader);
    } catch (IllegalArgumentException invalid) {
      throw ProblemException.invalid(IdempotencyKey.HEADER, String.valueOf(invalid.getMessage()));
    }
  }
}
