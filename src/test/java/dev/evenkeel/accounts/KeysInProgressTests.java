package dev.evenkeel.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.platform.BusyException;
import dev.evenkeel.platform.RetryingTransactions.OvertakenException;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;

/** While something may still happen under a key, nobody is told that nothing does. */
class KeysInProgressTests {

  static final RuntimeException[] WITHOUT_EFFECT = {
    new BusyException("full"),
    new QueryTimeoutException("lock", new SQLException("lock", "55P03")),
    new CannotCreateTransactionException("no connection"),
    new CannotGetJdbcConnectionException("no connection")
  };

  static final Posting.Key KEY = new Posting.Key("ada", Posting.Operation.TRANSFER, "key");

  final KeysInProgress keys = new KeysInProgress();

  @ParameterizedTest
  @FieldSource("WITHOUT_EFFECT")
  void whoIsAloneIsToldThatNothingHappened(RuntimeException failure) {
    assertThatThrownBy(() -> fail(failure)).isSameAs(failure);
  }

  @ParameterizedTest
  @FieldSource("WITHOUT_EFFECT")
  void whoIsBehindItsLikeIsToldThatThatIsInProgress(RuntimeException failure) {
    String first =
        keys.run(
            KEY,
            () -> {
              assertThatThrownBy(() -> fail(failure)).isInstanceOf(OvertakenException.class);
              return "first";
            });

    assertThat(first).isEqualTo("first");
    assertThatThrownBy(() -> fail(failure)).isSameAs(failure);
  }

  private String fail(RuntimeException failure) {
    return keys.run(
        KEY,
        () -> {
          throw failure;
        });
  }
}
