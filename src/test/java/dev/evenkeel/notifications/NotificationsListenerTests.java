package dev.evenkeel.notifications;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.event.TransactionalEventListener;

/** Spring Modulith stores only events that have a listener. */
class NotificationsListenerTests {

  private static Set<Class<?>> parameters(Class<?> type, Predicate<Method> which) {
    return Stream.of(type.getDeclaredMethods())
        .filter(method -> !method.isSynthetic() && which.test(method))
        .<Class<?>>map(method -> method.getParameterTypes()[0])
        .filter(parameter -> parameter != Object.class)
        .collect(toSet());
  }

  @Test
  void everyEventWithNotificationsHasAListener() {
    Set<Class<?>> processed =
        parameters(NotificationData.class, method -> method.getName().equals("of"));
    Set<Class<?>> listenedTo =
        parameters(
            NotificationsListener.class,
            method -> method.isAnnotationPresent(TransactionalEventListener.class));

    assertThat(processed).hasSizeGreaterThan(2);
    assertThat(listenedTo).isEqualTo(processed);
  }
}
