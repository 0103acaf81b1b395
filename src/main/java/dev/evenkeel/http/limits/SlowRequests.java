package dev.evenkeel.http.limits;

import dev.evenkeel.http.body.RequestBodies;
import dev.evenkeel.http.body.RequestPlace;
import jakarta.annotation.PostConstruct;
import jakarta.servlet.ServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Adapter;
import org.apache.coyote.Constants;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Ends requests whose head or body has not arrived within ten seconds, however it is framed. Tomcat
 * has a timeout for each read only, so a client could send a byte every few seconds for hours.
 */
@Component
class SlowRequests
    implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SlowRequests.class);

  private final Set<Connection> connections =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  /** It has a thread of its own, because scheduled tasks may wait for the database. */
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("slow-requests").factory());

  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    factory.setProtocol(Protocol.class.getName());
    factory.addConnectorCustomizers(
        connector -> ((Protocol) connector.getProtocolHandler()).connections = connections);
  }

  @PostConstruct
  void start() {
    thread.scheduleAtFixedRate(this::end, 1, 1, TimeUnit.SECONDS);
  }

  private void end() {
    List<Connection> all;
    synchronized (connections) {
      all = List.copyOf(connections);
    }
    for (Connection connection : all) {
      try {
        if (connection.isLate()) {
          connection.endReading();
        }
      } catch (RuntimeException failure) {
        log.warn("A slow request has not been ended, next attempt in a second", failure);
      }
    }
  }

  @Override
  public void close() {
    thread.close();
  }

  /** Tomcat's HTTP protocol, which shows its connections. Tomcat makes it by its name. */
  public static final class Protocol extends Http11NioProtocol {

    private Set<Connection> connections = Set.of();

    @Override
    protected Processor createProcessor() {
      Connection connection = new Connection(this, getAdapter());
      connections.add(connection);
      return connection;
    }
  }

  /** Tomcat uses it for one connection after the other. */
  private static final class Connection extends Http11Processor {

    private static final int SERVLET_REQUEST = 1;

    Connection(Protocol protocol, Adapter adapter) {
      super(protocol, adapter);
    }

    boolean isLate() {
      boolean inService = request.getRequestProcessor().getStage() == Constants.STAGE_SERVICE;
      return inService ? isLateBody() : !isAsync() && isOld();
    }

    private boolean isLateBody() {
      return request.getNote(SERVLET_REQUEST) instanceof ServletRequest servlet
          && RequestPlace.hasWaited(RequestBodies.READ_TIMEOUT, servlet);
    }

    /** Outside of the service, it reads a head, or skips a body that was refused. */
    private boolean isOld() {
      long started = request.getStartTimeNanos();
      return started != -1 && System.nanoTime() - started > RequestBodies.READ_TIMEOUT.toNanos();
    }

    /**
     * Lets the next read time out, so that what was being read can still be answered. A head is
     * read whenever bytes arrive, and Tomcat looks for timeouts just then, but not at the
     * connections that the bytes arrive on. So a connection that reads a head is ended as if it had
     * timed out.
     */
    void endReading() {
      SocketWrapperBase<?> socket = getSocketWrapper();
      if (socket != null) {
        socket.setReadTimeout(1);
        if (request.getRequestProcessor().getStage() != Constants.STAGE_SERVICE) {
          socket.processSocket(SocketEvent.ERROR, true);
        }
      }
    }
  }
}
