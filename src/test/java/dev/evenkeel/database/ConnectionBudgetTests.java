package dev.evenkeel.database;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.database.ConnectionBudget.Share;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionBudgetTests {

  private final List<Share> shares = List.of(new Share("two lanes", 2), new Share("recovery", 4));

  @Test
  void rejectsPoolsWithoutRoomForRequests() {
    assertThatThrownBy(() -> new ConnectionBudget(6, shares))
        .hasMessageContaining("maximum-pool-size")
        .hasMessageContaining("two lanes")
        .hasMessageContaining("recovery");
  }

  @Test
  void acceptsPoolsWithRoomForRequests() {
    assertThatCode(() -> new ConnectionBudget(7, shares)).doesNotThrowAnyException();
  }
}
