package dev.evenkeel.payments.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.payments.provider.ProviderRequest.Kind;
import dev.evenkeel.payments.provider.ProviderRequest.Known;
import dev.evenkeel.payments.provider.ProviderRequest.Order;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operation means for the request that made it. */
class ProviderOperationTests {

  /** A charge of 1000, of which 400 are captured, as soon as the capture is known. */
  @ParameterizedTest
  @CsvSource({
    "CAPTURE, 400, approved, 400, Approved",
    "CAPTURE, 400, approved, 1000, Mismatch",
    "CAPTURE, 400, authorized, 1000, Authorized",
    "CAPTURE, 400, authorized, 400, Mismatch",
    "CAPTURE, 400, pending, 1000, Pending",
    "CAPTURE, 400, pending, 400, Pending",
    "CAPTURE, 400, under_review, 400, Unknown",
    "CAPTURE, 400, pending, 401, Mismatch",
    "CANCEL, , canceled, 1000, Canceled",
    "CANCEL, , canceled, 400, Mismatch",
    ", , approved, 1000, Approved",
    ", , approved, 400, Mismatch",
    ", , pending, 400, Mismatch"
  })
  void comparesTheAmount(
      @Nullable FollowUp followUp,
      @Nullable Long captured,
      String status,
      long amount,
      String response) {
    UUID reference = UUID.randomUUID();
    ProviderRequest request =
        new ProviderRequest(
                new Order(Kind.CHARGE, reference, 1000, "EUR", "tok_ok", null, null, true))
            .withKnown(new Known("op_1", followUp, captured));
    ProviderOperation operation =
        new ProviderOperation(
            "op_1",
            null,
            reference.toString(),
            "charge",
            amount,
            "EUR",
            status,
            null,
            List.of(),
            false,
            null);

    assertThat(operation.responseTo(request, null).getClass().getSimpleName()).isEqualTo(response);
  }
}
