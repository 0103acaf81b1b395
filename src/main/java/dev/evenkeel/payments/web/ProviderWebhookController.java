package dev.evenkeel.payments.web;

import dev.evenkeel.http.Input;
import dev.evenkeel.payments.PaymentProblem;
import dev.evenkeel.payments.ProviderWebhooks;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Where the provider sends its webhooks: its signature is its login. */
@RestController
class ProviderWebhookController {

  private final ProviderWebhooks webhooks;

  ProviderWebhookController(ProviderWebhooks webhooks) {
    this.webhooks = webhooks;
  }

  @PostMapping("/v1/provider/webhooks")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void receive(HttpServletRequest request, Input input) {
    byte[] body = input.bytes();
    if (!webhooks.isSigned(headers(request), body)) {
      throw new ProblemException(
          PaymentProblem.INVALID_SIGNATURE,
          "The signature is missing, too old, or made with another secret.");
    }
    if (!webhooks.receive(body)) {
      throw new ProblemException(
          CommonProblem.INVALID_REQUEST, "The body is not well-formed JSON.");
    }
  }

  private static Map<String, List<String>> headers(HttpServletRequest request) {
    return Collections.list(request.getHeaderNames()).stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .distinct()
        .collect(
            Collectors.toMap(
                Function.identity(), name -> Collections.list(request.getHeaders(name))));
  }
}
