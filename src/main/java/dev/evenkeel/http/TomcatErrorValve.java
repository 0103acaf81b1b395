package dev.evenkeel.http;

import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import java.io.IOException;
import java.util.Map;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the container refuses before it knows whose request it is, such as a malformed request line,
 * is a problem document too, not a page of the container's own.
 */
@Component
class TomcatErrorValve implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    factory.addContextCustomizers(context ->
        ((StandardHost) context.getParent())
            .setErrorReportValveClass(ProblemValve.class.getName()));
  }

  /** Named by its class: the container makes it. */
  public static final class ProblemValve extends ErrorReportValve {

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
      if (response.getStatus() < 400
          || response.getContentWritten() > 0
          || !response.setErrorReported()) {
        return;
      }
      CommonProblem type = CommonProblem.ofStatus(response.getStatus());
      Map<String, Object> problem = Problem.of(type, "The request could not be read.").members();
      if (request.getRequestURI() != null) {
        problem.put("instance", request.getRequestURI());
      }
      response.setStatus(type.status());
      response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
      try {
        response.getReporter().write(JsonMapper.shared().writeValueAsString(problem));
        response.finishResponse();
      } catch (IOException gone) {
        // nobody is left to answer
      }
    }
  }
}
