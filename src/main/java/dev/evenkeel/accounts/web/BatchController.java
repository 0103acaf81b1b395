package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.Batches;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.Input;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Transfers that come together. */
@RestController
class BatchController {

  private static final int LARGEST_BODY = 1024 * 1024;

  private final Batches batches;

  BatchController(Batches batches) {
    this.batches = batches;
  }

  record BatchRequest(
      @NotNull @Size(min = 1, max = 1000) List<@NotNull @Valid TransferRequest> transfers,
      @NotNull Boolean atomic) {}

  record BatchBody(UUID id, Summary summary, List<Result> results) {

    record Summary(int posted, int refused) {}

    /** Either a transfer or a problem. */
    record Result(
        int index, @Nullable TransferBody transfer, @Nullable Map<String, Object> problem) {}

    static BatchBody of(Batches.Batch batch, Caller caller) {
      List<Result> results =
          IntStream.range(0, batch.results().size())
              .mapToObj(i -> result(i, batch.results().get(i), caller))
              .toList();
      int posted = (int) results.stream().filter(result -> result.transfer != null).count();
      return new BatchBody(batch.id(), new Summary(posted, results.size() - posted), results);
    }

    private static Result result(int index, Outcome<Transfer> outcome, Caller caller) {
      return outcome instanceof Outcome.Refused<Transfer>(Problem problem, _)
          ? new Result(index, null, problem.members())
          : new Result(index, TransferBody.of(IdempotentResponses.result(outcome), caller), null);
    }
  }

  @IdempotentOperation
  @PostMapping("/v1/transfers/batch")
  ResponseEntity<BatchBody> post(Caller caller, Input input) {
    var request = input.keyed(BatchRequest.class, LARGEST_BODY);
    var key = PostingRequest.Operation.BATCH.key(caller.owner(), request.key());
    List<PostingRequest.Transfer> transfers =
        request.body().transfers().stream()
            .map(transfer -> transfer.posting(key, request.fingerprint()))
            .toList();
    return IdempotentResponses.ok(
        batches.submit(
            new Batches.Request(key, request.fingerprint(), request.body().atomic(), transfers)),
        batch -> "/v1/transfers/batch/" + batch.id(),
        batch -> BatchBody.of(batch, caller));
  }

  @GetMapping("/v1/transfers/batch/{id}")
  BatchBody batch(@PathVariable UUID id, Caller caller, Input input) {
    Batches.Batch found = caller.visible(batches.find(id), Batches.Batch::owner);
    input.nothing();
    return BatchBody.of(found, caller);
  }
}
