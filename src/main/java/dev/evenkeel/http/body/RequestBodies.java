package dev.evenkeel.http.body;

import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads each request body in full, up to its limit, and fingerprints the JSON as it was sent. The
 * fingerprint therefore stays the same when a release adds fields.
 */
@ControllerAdvice
public class RequestBodies extends RequestBodyAdviceAdapter {

  public static final int MAX_SIZE = 64 * 1024;
  public static final Duration READ_TIMEOUT = Duration.ofSeconds(10);
  private static final String FINGERPRINT = RequestBodies.class.getName() + ".fingerprint";

  private final HttpServletRequest request;

  /**
   * @param request the proxy of the current request
   */
  RequestBodies(HttpServletRequest request) {
    this.request = request;
  }

  @Override
  public boolean supports(
      MethodParameter parameter, Type type, Class<? extends HttpMessageConverter<?>> converter) {
    return true;
  }

  @Override
  public HttpInputMessage beforeBodyRead(
      HttpInputMessage message,
      MethodParameter parameter,
      Type type,
      Class<? extends HttpMessageConverter<?>> converter)
      throws IOException {
    boolean json = type != byte[].class;
    if (json) {
      requireUtf8(message.getHeaders().getContentType());
    }
    byte[] bytes =
        read(
            request,
            message.getBody(),
            maxSize(parameter.getMethodAnnotation(IdempotentOperation.class)));
    RequestPlace.take(request);
    if (json) {
      requireUtf8(bytes);
    }
    return new WholeBody(message.getHeaders(), bytes);
  }

  @Override
  public @Nullable Object handleEmptyBody(
      @Nullable Object body,
      HttpInputMessage message,
      MethodParameter parameter,
      Type type,
      Class<? extends HttpMessageConverter<?>> converter) {
    RequestPlace.take(request);
    return body;
  }

  @Override
  public Object afterBodyRead(
      @Nullable Object body,
      HttpInputMessage message,
      MethodParameter parameter,
      Type type,
      Class<? extends HttpMessageConverter<?>> converter) {
    if (body == null) {
      throw malformed("The body must be a JSON object.");
    }
    if (parameter.hasMethodAnnotation(IdempotentOperation.class)) {
      JsonNode json = JsonMapper.shared().readTree(((WholeBody) message).bytes());
      request.setAttribute(FINGERPRINT, Fingerprint.of(target(request), json));
    }
    return body;
  }

  /** The fingerprint of a request whose body, if it has one, has been read. */
  public static Fingerprint fingerprint(HttpServletRequest request) {
    return request.getAttribute(FINGERPRINT) instanceof Fingerprint fingerprint
        ? fingerprint
        : Fingerprint.of(target(request), JsonMapper.shared().createObjectNode());
  }

  /** The path in one spelling: letter case and percent-encoding make no difference. */
  public static String target(HttpServletRequest request) {
    return request.getServletPath().toLowerCase(Locale.ROOT);
  }

  /** Refuses a body that announces more bytes than its operation takes, before it is read. */
  public static void requireSize(long announced, HandlerMethod operation) {
    int maxSize = maxSize(operation.getMethodAnnotation(IdempotentOperation.class));
    if (announced > maxSize) {
      throw tooLarge(maxSize);
    }
  }

  public static boolean takesBody(HandlerMethod operation) {
    return Stream.of(operation.getMethodParameters())
        .anyMatch(parameter -> parameter.hasParameterAnnotation(RequestBody.class));
  }

  /**
   * Gives up the place of a request before Spring waits for the first byte of its body. A request
   * without a body takes its place again if it had to wait for the check of its token.
   */
  public static final class Arrival implements HandlerInterceptor {

    @Override
    public boolean preHandle(
        HttpServletRequest request, HttpServletResponse response, Object handler) {
      if (handler instanceof HandlerMethod operation && takesBody(operation)) {
        RequestPlace.giveUp(request);
      } else {
        RequestPlace.take(request);
      }
      return true;
    }
  }

  private static int maxSize(@Nullable IdempotentOperation operation) {
    return operation == null ? MAX_SIZE : operation.maxBodyKib() * 1024;
  }

  private static ProblemException tooLarge(int maxSize) {
    return new ProblemException(
        CommonProblem.PAYLOAD_TOO_LARGE, "The body may have at most " + maxSize / 1024 + " KiB.");
  }

  /**
   * Reads a body whole.
   *
   * @throws ProblemException 413 for more bytes than {@code maxSize}, 408 for a body that takes too
   *     long, 400 for one that ends early
   * @throws BusyException if other bodies have all memory for them
   */
  public static byte[] read(HttpServletRequest request, InputStream body, int maxSize) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    try {
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        whole.write(buffer, 0, n);
        if (whole.size() > maxSize) {
          throw tooLarge(maxSize);
        }
        RequestPlace.reserve(request, n);
        if (RequestPlace.hasWaited(READ_TIMEOUT, request)) {
          throw late();
        }
      }
      return whole.toByteArray();
    } catch (IOException incomplete) {
      throw RequestPlace.hasWaited(READ_TIMEOUT, request)
          ? late()
          : malformed("The body ended before it was complete.");
    }
  }

  private static ProblemException late() {
    return new ProblemException(
        CommonProblem.REQUEST_TIMEOUT, "The body did not arrive within 10 seconds.");
  }

  public static void requireUtf8(@Nullable MediaType type) {
    if (type != null && type.getCharset() != null && type.getCharset() != StandardCharsets.UTF_8) {
      throw unsupportedMediaType();
    }
  }

  public static ProblemException unsupportedMediaType() {
    return new ProblemException(
        CommonProblem.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json in UTF-8.");
  }

  /**
   * Also refuses raw U+0000 and byte order marks, by which Jackson would detect other encodings.
   */
  private static void requireUtf8(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.indexOf('\0') >= 0 || text.startsWith("\uFEFF")) {
        throw malformed("The body is not well-formed JSON.");
      }
    } catch (CharacterCodingException notUtf8) {
      throw malformed("The body is not UTF-8.");
    }
  }

  private static ProblemException malformed(String detail) {
    return new ProblemException(CommonProblem.INVALID_REQUEST, detail);
  }

  private record WholeBody(HttpHeaders headers, byte[] bytes) implements HttpInputMessage {

    @Override
    public InputStream getBody() {
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public HttpHeaders getHeaders() {
      return headers;
    }
  }
}
