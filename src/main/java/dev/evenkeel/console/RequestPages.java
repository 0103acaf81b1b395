package dev.evenkeel.console;

import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.observability.traces.KeptSpan;
import dev.evenkeel.observability.traces.KeptTraces;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import java.util.List;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

/** The requests that took long or failed, and where their time went. */
@ConsolePart
@Controller
@RequiresScope(read = "operations", write = "operations")
class RequestPages {

  private final KeptTraces traces;

  RequestPages(KeptTraces traces) {
    this.traces = traces;
  }

  @GetMapping("/console/requests")
  String list(Model model) {
    List<RequestBar> requests = traces.requests().stream().map(RequestBar::of).toList();
    model.addAttribute("failed", requests.stream().filter(RequestBar::isFailed).toList());
    model.addAttribute("slow", requests.stream().filter(it -> !it.isFailed()).toList());
    return "requests";
  }

  @GetMapping("/console/requests/{traceId}")
  String trace(@PathVariable("traceId") String traceId, Model model) {
    List<KeptSpan> spans = traces.spans(traceId);
    if (spans.isEmpty()) {
      throw new ProblemException(
          CommonProblem.NOT_FOUND,
          "This trace is not kept. Traces are kept for 15 minutes, and until the application"
              + " restarts; with much traffic, ordinary ones for a shorter time.");
    }
    model.addAttribute("waterfall", Waterfall.of(spans));
    model.addAttribute("traceId", traceId);
    return "request";
  }
}
