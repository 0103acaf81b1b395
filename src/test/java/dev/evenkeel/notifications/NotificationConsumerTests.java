package dev.evenkeel.notifications;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.WholeApplication;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Only events that have a consumer are stored. */
@WholeApplication
class NotificationConsumerTests {

  @Autowired NotificationConsumer consumer;

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
}
