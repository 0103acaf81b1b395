package dev.evenkeel.http.errors;

import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers requests that Tomcat refuses before they reach Spring, such as those with a malformed
 * request line, with a problem document.
 */
final class TomcatErrorValve extends ErrorReportValve {

  private final ObjectProvider<ProblemRenderer> renderer;

  private TomcatErrorValve(ObjectProvider<ProblemRenderer> renderer) {
    this.renderer = renderer;
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable failure) {
    if (response.getStatus() < 400
        || response.getContentWritten() > 0
        || !response.setErrorReported()) {
      return;
    }
    CommonProblem type = CommonProblem.ofStatus(response.getStatus());
    var problem =
        renderer
            .getObject()
            .response(Problem.of(type, "The request could not be read."), request.getRequest());
    response.setStatus(type.status());
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    try {
      response.getReporter().write(JsonMapper.shared().writeValueAsString(problem.getBody()));
      response.finishResponse();
    } catch (IOException gone) {
      // The client is gone: there is no one to answer.
    }
  }

  /** Takes the place of the valve that each host starts with. */
  @Component
  static class Installer implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private final ObjectProvider<ProblemRenderer> renderer;

    Installer(ObjectProvider<ProblemRenderer> renderer) {
      this.renderer = renderer;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
      factory.addContextCustomizers(context -> {
        StandardHost host = (StandardHost) context.getParent();
        host.setErrorReportValveClass(TomcatErrorValve.class.getName());
        host.getPipeline().addValve(new TomcatErrorValve(renderer));
      });
    }
  }
}
