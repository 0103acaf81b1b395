package dev.evenkeel.payments.web;

import dev.evenkeel.payments.PaymentProblem;
import dev.evenkeel.payments.ProviderWebhooks;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import dev.evenkeel.problems.Problems;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Receives the provider's webhooks. Their signature takes the place of a login. */
@RestController
class ProviderWebhookController {

  /** The servlet API rebuilds the bytes of a form, so its signature could not be checked. */
  private static final String ANY_BUT_FORMS = "!" + MediaType.APPLICATION_FORM_URLENCODED_VALUE;

  private final ProviderWebhooks webhooks;

  ProviderWebhookController(ProviderWebhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Parameter(in = ParameterIn.HEADER, name = "webhook-id", required = true)
  @Parameter(in = ParameterIn.HEADER, name = "webhook-timestamp", required = true)
  @Parameter(in = ParameterIn.HEADER, name = "webhook-signature", required = true)
  @Problems("invalid-signature")
  @PostMapping(path = "/v1/provider/webhooks", consumes = ANY_BUT_FORMS)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void receive(
      @RequestBody(required = false) byte @Nullable [] body, @RequestHeader HttpHeaders headers) {
    byte[] signed = Objects.requireNonNullElse(body, new byte[0]);
    switch (webhooks.receive(lowerCase(headers), signed)) {
      case RECEIVED -> {}
      case FORGED ->
          throw new ProblemException(
              PaymentProblem.INVALID_SIGNATURE,
              "The signature is missing, too old, or made with another secret.");
      case MALFORMED ->
          throw new ProblemException(
              CommonProblem.INVALID_REQUEST, "The body is no event that can be read.");
    }
  }

  private static Map<String, List<String>> lowerCase(HttpHeaders headers) {
    Map<String, List<String>> byName = new HashMap<>();
    headers.forEach((name, values) -> byName.put(name.toLowerCase(Locale.ROOT), values));
    return byName;
  }
}
