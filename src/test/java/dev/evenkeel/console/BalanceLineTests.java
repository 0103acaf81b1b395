package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Statements.Moment;
import dev.evenkeel.money.Money;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A balance as a line of steps in a box of 600 by 100. */
class BalanceLineTests {

  private static BalanceLine line(long... balances) {
    List<Moment> moments =
        IntStream.range(0, balances.length)
            .mapToObj(i -> new Moment(Instant.EPOCH.plusSeconds(i), balances[i]))
            .toList();
    return new BalanceLine(moments);
  }

  @Test
  void keepsABalanceUntilTheNextInstant() {
    assertThat(line(0, 100, 50).points())
        .isEqualTo("0.0,100.0 300.0,100.0 300.0,0.0 600.0,0.0 600.0,50.0");
  }

  @Test
  void showsZeroBetweenDebtAndCredit() {
    assertThat(line(-100, 300).zero()).isEqualTo("75.0");
    assertThat(line(-100, 300).points()).startsWith("0.0,100.0").endsWith("600.0,0.0");
  }

  @Test
  void drawsTheLargestBalances() {
    assertThat(line(-Money.MAX_BALANCE, Money.MAX_BALANCE).points())
        .isEqualTo("0.0,100.0 600.0,100.0 600.0,0.0");
  }

  @Test
  void drawsNothingAtTheBottom() {
    assertThat(line(0, 0).points()).isEqualTo("0.0,100.0 600.0,100.0 600.0,100.0");
  }

  @Test
  void drawsAnAccountOfThisMoment() {
    Moment now = new Moment(Instant.EPOCH, 5);

    assertThat(new BalanceLine(List.of(now, now)).points()).isEqualTo("0.0,0.0 0.0,0.0 0.0,0.0");
  }
}
