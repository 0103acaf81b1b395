package dev.evenkeel.payments.reconciliation;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.Reconciliation;
import dev.evenkeel.payments.Reconciliation.Kind;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares our payments with a provider's list, each test on a day of its own. */
@WholeApplication
class ReconciliationTests extends ReconciliationFixture {

  private static final AtomicInteger DAYS = new AtomicInteger();

  @TempDir Path folder;

  LocalDate day;
  private final List<String> theirs = new ArrayList<>();

  @BeforeEach
  void anotherDay() {
    day = LocalDate.of(2020, 1, 1).plusWeeks(DAYS.incrementAndGet());
  }

  /** A payment of ours that was made and ended at noon of the day. */
  private UUID ours(String instrument) throws SQLException {
    UUID id = api.payIn(account, 1000, instrument).id();
    change(id, "created_at = '%1$sT12:00:00Z', final_at = '%1$sT12:00:01Z'".formatted(day));
    return id;
  }

  /** An operation at noon of the day; the provider numbers them from op_1. */
  private void theirs(Object key, long amount, String status) {
    theirs(key, day + "T12:00:00Z", "charge", amount, status, "");
  }

  private void theirs(Object key, String at, String kind, long amount, String status, String more) {
    theirs(key, key, at, kind, amount, status, more);
  }

  private void theirs(
      Object key,
      Object reference,
      String at,
      String kind,
      long amount,
      String status,
      String more) {
    theirs.add(
        "{\"id\":\"op_%d\",\"key\":\"%s\",\"kind\":\"%s\",\"reference\":\"%s\",\"amount\":%d,\"currency\":\"EUR\",\"status\":\"%s\",%s\"at\":\"%s\"}"
            .formatted(theirs.size() + 1, key, kind, reference, amount, status, more, at));
  }

  private void theirReturn(UUID reference, @Nullable String of) {
    String more = "\"of\":\"" + of + "\",";
    theirs("op_r", reference, day + "T18:00:00Z", "return", 1000, "approved", more);
  }

  private Reconciliation.Report compare() throws IOException {
    Path file = folder.resolve("operations.jsonl");
    Files.write(file, theirs);
    try (PaymentProvider there = PaymentProvider.start(0, file)) {
      return IdempotentResponses.result(reconcile(day, there.url()));
    }
  }

  private void assertOnly(
      Kind kind,
      @Nullable UUID payment,
      @Nullable String operation,
      @Nullable String ours,
      @Nullable String theirs)
      throws IOException {
    Reconciliation.Report report = compare();
    PaymentId id = payment == null ? null : new PaymentId(payment);
    assertThat(report.differences())
        .containsExactly(new Reconciliation.Difference(kind, id, operation, ours, theirs, false));
    assertThat(report.matched()).isZero();
  }

  @Test
  void countsMatches() throws Exception {
    theirs(ours("tok_ok"), 1000, "approved");
    theirs(ours("tok_declined"), 1000, "declined");

    Reconciliation.Report report = compare();

    assertThat(report.day()).isEqualTo(day);
    assertThat(report.differences()).isEmpty();
    assertThat(report.matched()).isEqualTo(2);
  }

  @Test
  void matchesAcrossMidnight() throws Exception {
    UUID late = ours("tok_ok");
    UUID early = ours("tok_ok");
    change(late, "created_at = '" + day + "T23:59:59.9Z'");
    change(early, "created_at = '" + day + "T00:00:00Z'");
    theirs(late, day.plusDays(1) + "T00:00:00.1Z", "charge", 1000, "approved", "");
    theirs(early, day.minusDays(1) + "T23:59:59.9Z", "charge", 1000, "approved", "");

    Reconciliation.Report report = compare();

    assertThat(report.differences()).isEmpty();
    assertThat(report.matched()).isEqualTo(2);
  }

  @Test
  void matchesPaymentSentDaysLater() throws Exception {
    UUID id = ours("tok_ok");
    change(id, "final_at = '" + day.plusDays(3) + "T12:00:00Z'");
    theirs(id, day.plusDays(3) + "T12:00:00Z", "charge", 1000, "approved", "");

    assertThat(compare().differences()).isEmpty();
    change(id, "provider_operation = 'op_1'");
    day = day.plusDays(3);
    assertThat(compare().differences()).as("that day's").isEmpty();
    change(id, "provider_operation = null"); // other tests have an op_1 too
  }

  @Test
  void unknownOutcomeMatchesOnlyPending() throws Exception {
    UUID id = pendingPayIn(1000);
    String sent = "status = 'PROCESSING', attempts = 1, sends = 1, first_sent_at = now()";
    change(id, sent + ", created_at = '%sT12:00:00Z'".formatted(day));

    assertThat(compare().matched()).isZero();
    theirs(id, 1000, "pending");
    assertThat(compare().matched()).isEqualTo(1);
  }

  @Test
  void comparesMoreThanOnePage() throws Exception {
    UUID id = pendingPayIn(1000);
    repeat(id, 1100);
    String ended = "status = 'FAILED', failure_code = 'x', failure_message = 'x', attempts = 1";
    asOwner(
        "update payments.payment set %s, next_attempt_at = null, final_at = now(), created_at = '%sT12:00:00Z' where owner = '%s'"
            .formatted(ended, day, api.caller()));
    change(id, "created_at = created_at + interval '1 h'");

    assertThat(compare().matched()).isEqualTo(1101);
  }

  @ParameterizedTest
  @CsvSource({
    // our instrument, days until their operation, its amount, kind, what we have
    "tok_ok, 0, 1001, AMOUNT_DIFFERS, succeeded 1000 EUR",
    "tok_declined, 0, 1000, STATUS_DIFFERS, failed 1000 EUR",
    "tok_declined, 3, 1000, STATUS_DIFFERS, failed 1000 EUR",
    "tok_ok, 5, 1000, DUPLICATE_THERE, succeeded 1000 EUR"
  })
  void findsDifference(String instrument, int days, long amount, Kind kind, String has)
      throws Exception {
    UUID id = ours(instrument);
    day = day.plusDays(days);
    theirs(id, amount, "approved");

    assertOnly(kind, id, "op_1", has, "approved " + amount + " EUR");
  }

  @Test
  void findsSecondOperation() throws Exception {
    UUID id = ours("tok_ok");
    theirs(id, 1000, "approved");
    theirs(id, 1000, "approved");

    assertOnly(Kind.DUPLICATE_THERE, id, "op_2", "succeeded 1000 EUR", "approved 1000 EUR");
  }

  @Test
  void findsReturnBesideSecondOperation() throws Exception {
    UUID id = ours("tok_ok");
    change(id, "provider_operation = 'op_2'");
    theirs(id, 1000, "approved");
    theirs(id, 1000, "approved");
    theirReturn(id, "op_2");

    assertThat(compare().differences())
        .extracting(it -> it.kind() + " " + it.operation() + " " + it.theirs())
        .containsExactly(
            "DUPLICATE_THERE op_1 approved 1000 EUR",
            "STATUS_DIFFERS op_2 approved 1000 EUR, 1000 returned");
  }

  @ParameterizedTest
  @CsvSource({"EUR, EUR, 1000", "EUR, USD, 0", "approved, declined, 0"})
  void booksReturnsOfTheSameCurrencyOnly(String ours, String their, long returned)
      throws Exception {
    UUID id = ours("tok_ok");
    change(id, "provider_operation = 'op_1'");
    theirs(id, 1000, "approved");
    theirReturn(id, "op_1");
    theirs.set(0, theirs.getFirst().replace(ours, their));

    compare();

    assertThat(payment(id).at("/returned").asLong()).isEqualTo(returned);
  }

  @Test
  void raisesAgainOnceTheirSideChanges() throws Exception {
    UUID id = ours("tok_ok");
    for (long amount : new long[] {1001, 1002}) {
      theirs.clear();
      theirs(id, amount, "approved");

      compare();

      assertThat(payment(id).at("/attention").asString()).isEqualTo("amount-mismatch");
      decide(id, Map.of("outcome", "succeeded", "reason", "Known"));
      compare();
      assertThat(payment(id).has("attention")).as("decided once").isFalse();
    }
  }

  private void decide(UUID id, Map<String, Object> decision) throws SQLException {
    Api.Answer answer = operator.post("/v1/operations/payments/" + id + "/resolve", decision);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    change(id, "next_attempt_at = null"); // the query that follows a decision
  }

  private String operation(UUID id) {
    return Objects.requireNonNull(payments.findByIdIn(List.of(id)).getFirst().providerOperation());
  }

  @Test
  void asksOnceAboutAReturnBesideAPaymentThatMatches() throws Exception {
    UUID id = ours("tok_ok");
    theirs(id, 1000, "approved");
    theirs.set(0, theirs.getFirst().replace("op_1", operation(id)));
    LocalDate paid = day;
    LocalDate returned = day.plusDays(2);
    day = returned;
    theirReturn(id, "op_of_another");
    // Not the id of a return that another test has booked
    theirs.set(1, theirs.getLast().replace("op_2", "op_" + id));
    compare();
    assertThat(payment(id).at("/attention").asString()).isEqualTo("contradiction");
    decide(id, Map.of("outcome", "succeeded", "reason", "Known"));

    day = paid;
    assertThat(compare().matched()).isEqualTo(1);
    day = returned;
    compare();

    assertThat(payment(id).has("attention")).isFalse();
  }

  @Test
  void theReportedAmountCanBeDecided() throws Exception {
    UUID id = ours("tok_declined");
    theirs(id, 1200, "approved");
    compare();

    decide(id, Map.of("outcome", "succeeded", "amount", 1200, "reason", "Reported"));

    assertThat(api.posted(account)).isEqualTo(1200);
  }

  @Test
  void findsWhatIsMissingThere() throws Exception {
    UUID id = ours("tok_ok");

    assertOnly(Kind.MISSING_THERE, id, null, "succeeded 1000 EUR", null);

    ours("tok_declined");
    assertThat(compare().matched()).as("nothing moved, so nothing is missing").isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0197d8a5-0000-7000-8000-000000000000", "by hand"})
  void findsWhatIsMissingHere(String key) throws Exception {
    theirs(key, 1000, "approved");

    assertOnly(Kind.MISSING_HERE, null, "op_1", null, "approved 1000 EUR");
  }

  @Test
  void takesARefusedPaymentForMissing() throws Exception {
    UUID refused = ours("tok_declined");
    change(
        refused,
        "status = 'REFUSED', problem = '{}', failure_code = null, failure_message = null, failure_provider_code = null");
    // A refused request has no history; with one it could not be purged
    asOwner("delete from payments.payment_step where payment = '%s'".formatted(refused));
    theirs(refused, 1000, "approved");

    assertOnly(Kind.MISSING_HERE, null, "op_1", null, "approved 1000 EUR");
  }

  @ParameterizedTest
  @CsvSource({"11:01, 0", "10:59, 1"})
  void toleratesRecentOperations(String at, int differences) {
    ProviderOperation theirs = charge(newKey(), Instant.parse(day + "T" + at + ":00Z"), "approved");
    Instant noon = day.atTime(12, 0).toInstant(ZoneOffset.UTC);

    assertThat(
            new DayComparison(day, noon, "simulator", payments, reported)
                .compareOthers(List.of(theirs)))
        .hasSize(differences);
  }

  /** An unfinished payment that the provider has ended may be applied by its own request yet. */
  @ParameterizedTest
  @CsvSource({"59, 0", "61, 1"})
  void toleratesUnfinishedPaymentForAnHour(int minutes, int differences) throws SQLException {
    UUID id = pendingPayIn(1000);
    String sent = "status = 'PROCESSING', attempts = 1, sends = 1, first_sent_at = now()";
    change(id, sent + ", created_at = clock_timestamp() - interval '%d min'".formatted(minutes));

    assertThat(differences(id, "approved", payments.now())).hasSize(differences);
  }

  /** What became final since the run began may be missing in what it has fetched, or old there. */
  @ParameterizedTest
  @CsvSource({",MISSING_THERE", "pending, STATUS_DIFFERS"})
  void ignoresWhatEndsDuringTheRun(@Nullable String reported, Kind later) {
    Instant began = payments.now();
    UUID id = paidIn(1000);

    assertThat(differences(id, reported, began)).isEmpty();
    assertThat(differences(id, reported, payments.now()))
        .extracting(Reconciliation.Difference::kind)
        .containsExactly(later);
  }

  private List<Reconciliation.Difference> differences(
      UUID payment, @Nullable String status, Instant began) {
    reported.clear();
    if (status != null) {
      reported.add(List.of(charge(payment, null, status)));
    }
    return new DayComparison(day, began, "simulator", payments, reported)
        .compare(payments.findByIdIn(List.of(payment)))
        .differences();
  }

  private static ProviderOperation charge(Object key, @Nullable Instant at, String status) {
    return new ProviderOperation(
        "op_1", key.toString(), null, "charge", 1000, "EUR", status, null, List.of(), false, at);
  }

  @Test
  void listsManyDifferencesInPart() throws SQLException {
    asOwner(
        """
        insert into payments.reconciliation_difference (day, kind, operation, found_at)
        select '%s', 'MISSING_HERE', 'op_' || n, now() from generate_series(1, 1002) n
        """
            .formatted(day));
    asOwner("insert into payments.reconciliation values ('%s', now(), 0)".formatted(day));

    Reconciliation.Report report = reports.find(day).orElseThrow();

    assertThat(report.differences()).hasSize(1000);
    assertThat(report.omitted()).isEqualTo(2);
  }

  @Test
  void asksAboutAThousandPaymentsPerRun() throws Exception {
    UUID id = pendingPayIn(1000);
    repeat(id, 1001);
    String ours = "where owner = '" + api.caller() + "'";
    asOwner(
        "update payments.payment set status = 'SUCCEEDED', attempts = 1, next_attempt_at = null, created_at = '%1$sT12:00:00Z', final_at = '%1$sT12:00:00Z' %2$s"
            .formatted(day, ours));

    compare();

    assertThat(countRows("payments.payment " + ours + " and hinted")).isEqualTo(1000);
    String failed = "status = 'FAILED', failure_code = 'x', failure_message = 'x'";
    asOwner("update payments.payment set hinted = false, " + failed + " " + ours);
  }

  /** The constraint stands for a payment that cannot be changed, for whatever reason. */
  @Test
  void raisesOthersIfOneFails() throws Exception {
    UUID first = ours("tok_declined");
    UUID second = ours("tok_declined");
    theirs(first, 1000, "approved");
    theirs(second, 1000, "approved");
    asOwner(
        "alter table payments.payment add constraint failing check (id <> '%s' or attention is null)"
            .formatted(first));
    try {
      assertThat(compare().differences()).hasSize(2);
    } finally {
      asOwner("alter table payments.payment drop constraint failing");
    }

    assertThat(is(first, "attention is null")).isTrue();
    assertThat(is(second, "attention is not null")).isTrue();
  }

  @Test
  void findsUnknownReturn() throws Exception {
    UUID id = ours("tok_ok");
    theirs(id, 1000, "approved");
    theirReturn(id, "op_1");

    assertOnly(
        Kind.STATUS_DIFFERS, id, "op_1", "succeeded 1000 EUR", "approved 1000 EUR, 1000 returned");
  }

  @Test
  void findsUnknownReturnOnItsDay() throws Exception {
    UUID id = ours("tok_ok");
    day = day.plusDays(3);
    theirReturn(id, operation(id));

    assertOnly(Kind.STATUS_DIFFERS, id, "op_1", "succeeded 1000 EUR", "return of 1000 EUR");
  }

  @Test
  void listsAReturnOfNothingOfOurs() throws Exception {
    theirReturn(UUID.randomUUID(), "op_9");

    assertOnly(Kind.MISSING_HERE, null, "op_1", null, "return of 1000 EUR");
  }

  @Test
  void reportsToOperatorsOnly() throws SQLException {
    String path = "/v1/operations/reconciliation?day=" + day;
    UUID id = ours("tok_ok");

    assertRefused(api.get(path), 403, "forbidden");
    Api.Answer report = operator.get(path);

    assertThat(report.status()).as(report.toString()).isEqualTo(200);
    assertThat(report.body().at("/differences").valueStream())
        .singleElement()
        .satisfies(it -> assertThat(it.at("/payment").asString()).isEqualTo(id.toString()))
        .satisfies(it -> assertThat(it.at("/kind").asString()).isEqualTo("missing-there"));
  }

  @Test
  void rejectsInvalidDay() {
    String path = "/v1/operations/reconciliation";
    assertInvalidDay(path);
    for (String day :
        "|today|2026-02-30|2026-1-1|-2026-01-01|%2B12026-01-01|0000-01-01|2999-01-01|2026-01-01T00:00:00Z"
            .split("\\|")) {
      assertInvalidDay(path + "?day=" + day);
    }
  }

  private void assertInvalidDay(String path) {
    Api.Answer refused = operator.get(path);
    assertRefused(refused, 400, "invalid-request");
    assertThat(refused.at("/errors/0/field")).isEqualTo("day");
  }

  @Test
  void reportsNothingWithoutProvider() throws IOException {
    refuseConnections(Duration.ofSeconds(3));

    Api.Answer refused = operator.get("/v1/operations/reconciliation?day=" + day);

    assertRefused(refused, 503, "provider-unavailable");
    assertThat(refused.header("Retry-After").orElseThrow()).matches("[1-9][0-9]*");
    await()
        .atMost(LONG)
        .ignoreExceptions()
        .until(() -> new Socket(InetAddress.getLoopbackAddress(), provider.port()).isConnected());
  }
}
