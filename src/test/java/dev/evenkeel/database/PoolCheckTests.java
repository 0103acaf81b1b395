package dev.evenkeel.database;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PoolCheckTests {

  private final List<ConnectionUse> uses =
      List.of(new ConnectionUse("two lanes", 2), new ConnectionUse("recovery", 4));

  @Test
  void aPoolThatMayLeaveNothingForRequestsIsRefused() {
    assertThatThrownBy(() -> new PoolCheck(6, uses))
        .hasMessageContaining("maximum-pool-size")
        .hasMessageContaining("two lanes")
        .hasMessageContaining("recovery");
  }

  @Test
  void aPoolWithRoomForRequestsIsTaken() {
    assertThatCode(() -> new PoolCheck(7, uses)).doesNotThrowAnyException();
  }
}
