package dev.evenkeel.console;

import dev.evenkeel.console.breakit.BreakItPart;
import dev.evenkeel.console.breakit.KillCommands;
import dev.evenkeel.console.breakit.Loads;
import dev.evenkeel.console.breakit.PaymentBar;
import dev.evenkeel.console.breakit.ProviderGuards;
import dev.evenkeel.console.breakit.Sample;
import dev.evenkeel.console.breakit.Sampler;
import dev.evenkeel.console.breakit.SimulatorClient;
import dev.evenkeel.console.breakit.Tour;
import dev.evenkeel.console.breakit.Tours;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.payments.PaymentMonitor;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.client.RestClientException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Breaks and heals the provider's simulator, and shows that every promise is kept meanwhile. */
@BreakItPart
@ConsolePart
@Controller
@RequiresScope(read = "payments:read", write = "payments:write")
class BreakItPages {

  static final String PATH = "/console/break-it";

  private static final List<String> PARTS =
      List.of("broken", "promises", "tour", "switches", "load", "provider", "payments");

  /** What people can switch on; the simulator knows more. */
  private static final List<Switch> SWITCHES =
      List.of(
          new Switch("hang", "Hang", "takes orders and never answers"),
          new Switch("down", "Down", "drops every connection"),
          new Switch("slow", "Slow", "answers after a second"),
          new Switch("error500", "Error 500", "fails without doing anything"),
          new Switch("lost_answer", "Lose answers", "does it, and the answer is lost"),
          new Switch("late", "Late", "does it a second later, without an answer"),
          new Switch(Sample.HEALED, "Heal", "answers at once, as it should"));

  /** A switch of the provider. */
  public record Switch(String mode, String label, String effect) {}

  // One payment of each span and the newest make about forty rows
  private static final Duration SPAN = Duration.ofSeconds(2);
  private static final int SPANS = 30;
  private static final int NEWEST = 10;

  /** How often the axis of the payments moves. */
  private static final long MOVES_EVERY_MILLIS = 500;

  private final Sampler sampler;
  private final SimulatorClient simulator;
  private final ProviderGuards guards;
  private final Loads loads;
  private final Tours tours;
  private final PaymentMonitor payments;
  private final LiveStreams streams;

  BreakItPages(
      Sampler sampler,
      SimulatorClient simulator,
      ProviderGuards guards,
      Loads loads,
      Tours tours,
      PaymentMonitor payments,
      LiveStreams streams) {
    this.sampler = sampler;
    this.simulator = simulator;
    this.guards = guards;
    this.loads = loads;
    this.tours = tours;
    this.payments = payments;
    this.streams = streams;
  }

  @GetMapping(PATH)
  String page(Caller caller, Model model) {
    model.addAllAttributes(model(caller));
    model.addAttribute("maxRate", Loads.MAX_RATE);
    model.addAttribute("commands", KillCommands.of(ProcessHandle.current().pid()));
    return "break-it";
  }

  @GetMapping(path = PATH + "/live", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  SseEmitter live(Caller caller, HttpServletRequest request, HttpServletResponse response) {
    return streams.open(
        new LivePage("break-it", PARTS, () -> model(caller)), caller, request, response);
  }

  private Map<String, Object> model(Caller caller) {
    Sample sample = sampler.latest();
    Instant now = Instant.now();
    Tour.Step step =
        tours
            .of(caller.owner())
            .follow(loads.of(caller.owner()).isRunning(), sample, guards.isOpen(), now);
    long moved = now.toEpochMilli() / MOVES_EVERY_MILLIS * MOVES_EVERY_MILLIS;
    return Map.of(
        "sample",
        sample,
        "switches",
        SWITCHES,
        "load",
        loads.of(caller.owner()),
        "guards",
        guards,
        "step",
        step,
        "bars",
        PaymentBar.of(
            payments.latest(caller.owner(), now, SPAN, SPANS, NEWEST),
            Instant.ofEpochMilli(moved + MOVES_EVERY_MILLIS)));
  }

  @PostMapping(PATH + "/fault")
  ResponseEntity<Void> fault(
      @RequestParam(name = "mode") String mode,
      @RequestHeader(name = "HX-Request", required = false) @Nullable String script) {
    if (SWITCHES.stream().noneMatch(it -> it.mode().equals(mode))) {
      throw ProblemException.invalid("mode", "must be one of the switches");
    }
    try {
      simulator.setFault(mode);
    } catch (RestClientException unreachable) {
      throw new ProblemException(
          CommonProblem.BUSY, "The provider's simulator does not answer. Is it running?");
    }
    sampler.faultIs(mode);
    return back(script);
  }

  @PostMapping(PATH + "/load")
  ResponseEntity<Void> load(
      @RequestParam(name = "rate") int rate,
      Caller caller,
      @RequestHeader(name = "HX-Request", required = false) @Nullable String script) {
    if (!caller.scopes().contains("accounts:write")) {
      throw new ProblemException(Problem.missingScope("accounts:write"));
    }
    if (rate < 0 || rate > Loads.MAX_RATE) {
      throw ProblemException.invalid("rate", "must be 0 to " + Loads.MAX_RATE);
    }
    loads.set(caller.owner(), rate);
    return back(script);
  }

  @PostMapping(PATH + "/tour")
  ResponseEntity<Void> restart(
      Caller caller,
      @RequestHeader(name = "HX-Request", required = false) @Nullable String script) {
    tours.of(caller.owner()).restart();
    return back(script);
  }

  /** The live page shows what has changed; without scripts it is loaded again. */
  private static ResponseEntity<Void> back(@Nullable String script) {
    return script == null
        ? ResponseEntity.status(HttpStatus.SEE_OTHER).header("Location", PATH).build()
        : ResponseEntity.noContent().build();
  }
}
