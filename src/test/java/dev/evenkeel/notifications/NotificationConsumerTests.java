package dev.evenkeel.notifications;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.AccountId;
import dev.testing.RecordedSpans;
import dev.testing.WholeApplication;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.micrometer.tracing.test.autoconfigure.AutoConfigureTracing;
import org.springframework.context.annotation.Import;
import org.springframework.transaction.support.TransactionTemplate;

/** The consumer takes all events that have notifications, and says in their traces what it did. */
@WholeApplication
@AutoConfigureTracing
@Import(RecordedSpans.class)
class NotificationConsumerTests {

  private static final String REQUEST = "00f067aa0ba902b7";

  @Autowired NotificationConsumer consumer;
  @Autowired TransactionTemplate transaction;

  @Test
  void takesEveryEventThatHasNotifications() {
    Set<Class<?>> withNotifications =
        Stream.of(NotificationData.class.getDeclaredMethods())
            .filter(method -> method.getName().equals("of") && !method.isSynthetic())
            .<Class<?>>map(method -> method.getParameterTypes()[0])
            .filter(event -> event != Object.class)
            .collect(toSet());

    assertThat(withNotifications).hasSizeGreaterThan(2);
    assertThat(consumer.types()).isEqualTo(withNotifications);
  }

  @Test
  void linksEventsTakenTogetherToTheirRequests() {
    List<String> requests = List.of(newTrace(), newTrace());
    List<Object> events =
        requests.stream().<Object>map(NotificationConsumerTests::frozenIn).toList();

    transaction.executeWithoutResult(_ -> consumer.consume(events));

    List<SpanData> inRequests =
        requests.stream()
            .flatMap(request -> spans(span -> span.getTraceId().equals(request)))
            .toList();
    assertThat(inRequests)
        .hasSize(2)
        .allMatch(span -> span.getName().equals("notifications.append"))
        .allMatch(span -> span.getParentSpanId().equals(REQUEST));
    assertThat(inRequests.stream().flatMap(NotificationConsumerTests::linkedTraces).distinct())
        .singleElement()
        .satisfies(shared -> {
          List<SpanData> work = spans(span -> span.getTraceId().equals(shared)).toList();
          assertThat(work)
              .filteredOn(span -> span.getName().equals("notifications.append"))
              .singleElement()
              .satisfies(span ->
                  assertThat(linkedTraces(span)).containsExactlyInAnyOrderElementsOf(requests));
          assertThat(work)
              .filteredOn(span -> span.getName().equals("insert notifications.notification"))
              .hasSize(1);
        });
  }

  private static String newTrace() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  private static AccountFrozen frozenIn(String trace) {
    return new AccountFrozen(
        UUID.randomUUID(),
        new AccountId(UUID.randomUUID()),
        "Main",
        "ada-" + trace,
        Instant.now(),
        "00-" + trace + "-" + REQUEST + "-01");
  }

  private static Stream<SpanData> spans(Predicate<SpanData> wanted) {
    return RecordedSpans.SPANS.getFinishedSpanItems().stream().filter(wanted);
  }

  private static Stream<String> linkedTraces(SpanData span) {
    return span.getLinks().stream().map(link -> link.getSpanContext().getTraceId());
  }
}
