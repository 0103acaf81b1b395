package dev.evenkeel.payments.provider.simulator;

import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.Deduction;
import dev.evenkeel.payments.provider.ProviderBalance;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ProviderRequest;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.provider.ReportPage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the provider's answers. Fields that decide the outcome are parsed strictly: a payment
 * counts as approved or declined only if the answer is well-formed and names our reference, amount
 * and currency. Other fields may be missing or malformed, and new ones are ignored.
 */
final class ResponseParser {

  private static final Logger log = LoggerFactory.getLogger(ResponseParser.class);

  /** The longest id or word of the provider: more would not fit into an index. */
  private static final int MAX_TEXT = 255;

  private ResponseParser() {}

  /** Reads the answer to an order, a capture or a cancellation. */
  static ProviderResponse ofRequest(
      ProviderRequest request, int status, byte[] body, Duration retryAfter) {
    return switch (status) {
      case 200, 201, 202 -> operation(request, body);
      case 400, 422 -> new ProviderResponse.Rejected("the provider answered " + status);
      case 409 -> conflict(body);
      default -> ProviderResponse.failure(status, retryAfter);
    };
  }

  /** Reads the answer to a query for the operation that a request made. */
  static ProviderResponse ofQuery(
      ProviderRequest request, int status, byte[] body, Duration retryAfter) {
    return switch (status) {
      case 200, 202 -> operation(request, body);
      case 404 -> new ProviderResponse.NotFound();
      default -> ProviderResponse.failure(status, retryAfter);
    };
  }

  /**
   * Reads a page of the provider's report, without the lines that cannot be read: their payments
   * are compared as if the provider did not have them.
   *
   * @throws IOException if it is not complete, or no line can be read, or not the last one's id
   */
  static ReportPage report(byte[] body) throws IOException {
    JsonNode lines;
    try {
      lines = JsonMapper.shared().readTree(body).path("data");
    } catch (JacksonException malformed) {
      throw new IOException("the provider's report is malformed", malformed);
    }
    List<ProviderOperation> operations = new ArrayList<>();
    List<Deduction> deductions = new ArrayList<>();
    int unreadable = 0;
    for (JsonNode line : lines) {
      ProviderOperation it = operation(line);
      if (it == null || !it.isReportLine()) {
        unreadable++;
      } else if (!"settlement".equals(it.kind())) {
        operations.add(it);
      } else if (it.status().equals("approved")) {
        deductions.add(deduction(it, Deduction.Kind.BANK_PAYOUT, it.amount()));
      }
      if (it != null && line.has("fee")) {
        Long fee = wholeNumber(line, "fee");
        if (fee == null) {
          log.warn("The fee of the provider's operation {} cannot be read", it.id());
        } else {
          deductions.add(deduction(it, Deduction.Kind.FEE, fee));
        }
      }
    }
    String last = lines.isEmpty() ? null : text(lines.path(lines.size() - 1), "id");
    if (!lines.isArray() || (!lines.isEmpty() && (unreadable == lines.size() || last == null))) {
      throw new IOException("the provider's report cannot be read");
    }
    if (unreadable > 0) {
      log.warn("{} lines of the provider's report cannot be read", unreadable);
    }
    return new ReportPage(operations, deductions, last);
  }

  private static Deduction deduction(ProviderOperation it, Deduction.Kind kind, long amount) {
    return new Deduction(it.id(), kind, amount, it.currency(), it.at());
  }

  static List<ProviderBalance> balances(byte[] body) throws IOException {
    List<ProviderBalance> balances = new ArrayList<>();
    try {
      JsonNode lines = JsonMapper.shared().readTree(body).path("data");
      if (!lines.isArray()) {
        throw new IOException("the provider's balance cannot be read");
      }
      for (JsonNode it : lines) {
        String currency = text(it, "currency");
        Long amount = wholeNumber(it, "amount");
        if (currency == null || amount == null) {
          throw new IOException("the provider's balance cannot be read");
        }
        balances.add(new ProviderBalance(currency, amount));
      }
    } catch (JacksonException malformed) {
      throw new IOException("the provider's balance is malformed", malformed);
    }
    return balances;
  }

  /** Either an earlier attempt is still in progress, or the key belongs to another request. */
  private static ProviderResponse conflict(byte[] body) {
    boolean inProgress = new String(body, StandardCharsets.UTF_8).contains("in-progress");
    return new ProviderResponse.Unknown("the provider answered 409", !inProgress);
  }

  private static ProviderResponse operation(ProviderRequest request, byte[] body) {
    JsonNode json;
    try {
      json = JsonMapper.shared().readTree(body);
    } catch (JacksonException malformed) {
      return new ProviderResponse.Unknown("the provider's answer is malformed", false);
    }
    ProviderOperation it = operation(json);
    if (it == null || it.reference() == null) {
      return new ProviderResponse.Unknown("the provider's answer is incomplete", false);
    }
    return it.responseTo(request, json.path("nextAction").path("redirectUrl").stringValue(null));
  }

  /** Returns null if a part that decides is missing or has another form. */
  private static @Nullable ProviderOperation operation(JsonNode json) {
    String id = text(json, "id");
    Long amount = wholeNumber(json, "amount");
    String currency = text(json, "currency");
    String status = text(json, "status");
    List<ProviderOperation.Return> returns = returns(json.path("returns"));
    if (id == null || amount == null || currency == null || status == null || returns == null) {
      return null;
    }
    return new ProviderOperation(
        id,
        text(json, "key"),
        text(json, "reference"),
        text(json, "kind"),
        amount,
        currency,
        status,
        text(json, "code"),
        returns,
        json.path("reinstated").asBoolean(false),
        time(text(json, "at")));
  }

  /** Returns null if any cannot be read: it must not look as if nothing was returned. */
  private static @Nullable List<ProviderOperation.Return> returns(JsonNode json) {
    if (json.isMissingNode() || json.isNull()) {
      return List.of();
    }
    List<ProviderOperation.Return> returns = new ArrayList<>();
    for (JsonNode it : json) {
      String id = text(it, "id");
      Long amount = wholeNumber(it, "amount");
      JsonNode reinstated = it.path("reinstated");
      boolean readable =
          reinstated.isMissingNode() || reinstated.isNull() || reinstated.isBoolean();
      if (id == null || amount == null || amount <= 0 || amount > Money.MAX_AMOUNT || !readable) {
        return null;
      }
      returns.add(new ProviderOperation.Return(id, amount, reinstated.asBoolean(false)));
    }
    return json.isArray() ? returns : null;
  }

  private static @Nullable String text(JsonNode json, String field) {
    String text = json.path(field).stringValue(null);
    return text != null
            && text.length() <= MAX_TEXT
            && text.codePoints().allMatch(ResponseParser::canBeStored)
        ? text
        : null;
  }

  private static boolean canBeStored(int character) {
    return character != 0 && Character.getType(character) != Character.SURROGATE;
  }

  private static @Nullable Long wholeNumber(JsonNode json, String field) {
    JsonNode number = json.path(field);
    return number.isIntegralNumber() && number.canConvertToLong() ? number.longValue() : null;
  }

  private static @Nullable Instant time(@Nullable String text) {
    try {
      // Four digits of a year, as the database can store
      return text == null || !text.matches("[0-9]{4}-.*") ? null : Instant.parse(text);
    } catch (DateTimeParseException unreadable) {
      return null;
    }
  }
}
