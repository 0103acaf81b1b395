package dev.evenkeel.accounts.web;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.accounts.Batches;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import dev.evenkeel.problems.Problems;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Posts and shows batches of transfers. */
@RestController
@RequiresScope(read = "accounts:read", write = "accounts:write")
@RequestMapping(path = "/v1/transfers/batch", produces = APPLICATION_JSON_VALUE)
class BatchController {

  private final Batches batches;

  BatchController(Batches batches) {
    this.batches = batches;
  }

  record BatchRequest(
      @NotNull @Size(min = 1, max = MAX_TRANSFERS) List<@NotNull @Valid TransferRequest> transfers,
      @NotNull Boolean atomic) {

    private static final int MAX_TRANSFERS = 1000;

    /** Refuses too many transfers before each of them is validated. */
    BatchRequest {
      if (transfers != null && transfers.size() > MAX_TRANSFERS) {
        throw ProblemException.invalid("transfers", "size must be between 1 and " + MAX_TRANSFERS);
      }
    }
  }

  record BatchResponse(UUID id, Summary summary, List<Result> results) {

    record Summary(int posted, int refused) {}

    /** Either a transfer or a problem. */
    record Result(
        int index, @Nullable TransferResponse transfer, @Nullable Map<String, Object> problem) {}

    static BatchResponse of(Batches.Batch batch, Caller caller) {
      List<Result> results =
          IntStream.range(0, batch.results().size())
              .mapToObj(i -> result(i, batch.results().get(i), caller))
              .toList();
      int posted = (int) results.stream().filter(result -> result.transfer != null).count();
      return new BatchResponse(batch.id(), new Summary(posted, results.size() - posted), results);
    }

    private static Result result(int index, Outcome<Transfer> outcome, Caller caller) {
      return outcome instanceof Outcome.Refused<Transfer>(Problem problem, _)
          ? new Result(index, null, problem.members())
          : new Result(
              index, TransferResponse.of(IdempotentResponses.result(outcome), caller), null);
    }
  }

  @Problems("account-not-found")
  @PostingProblems
  @IdempotentOperation(success = HttpStatus.OK, maxBodyKib = 1024)
  @PostMapping(consumes = APPLICATION_JSON_VALUE)
  ResponseEntity<BatchResponse> post(
      @Valid @RequestBody BatchRequest body, IdempotentRequest request, Caller caller) {
    PostingRequest.Key key = PostingRequest.Operation.BATCH.key(request.owner(), request.key());
    List<PostingRequest.Transfer> transfers =
        body.transfers().stream()
            .map(transfer -> transfer.posting(key, request.fingerprint()))
            .toList();
    return IdempotentResponses.ok(
        batches.submit(new Batches.Request(key, request.fingerprint(), body.atomic(), transfers)),
        batch -> "/v1/transfers/batch/" + batch.id(),
        batch -> BatchResponse.of(batch, caller));
  }

  @GetMapping("/{id}")
  BatchResponse batch(@PathVariable UUID id, Caller caller) {
    return BatchResponse.of(caller.visible(batches.find(id), Batches.Batch::owner), caller);
  }
}
