package dev.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A proxy between an application and PostgreSQL. It understands enough of the protocol to cut a
 * connection in the middle of a commit.
 */
public final class TcpProxy implements AutoCloseable {

  /** The moment at which the application loses the connection on which it commits. */
  public enum Cut {
    /** The commit never arrives. */
    BEFORE_IT_ARRIVES,
    /** The commit is on its way, and arrives with {@link #deliver}. */
    ON_ITS_WAY,
    /** It has been committed. */
    AFTER_IT_ARRIVED
  }

  private record Plan(byte[] text, Cut cut, boolean thenAway) {}

  /** Sends {@code COMMIT} as text each time, unencrypted. */
  private static final String READABLE = "?prepareThreshold=0&sslmode=disable";

  private final URI database;
  private final ServerSocket entrance;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Connected> lines = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Plan> plan = new AtomicReference<>();
  private final CountDownLatch delivery = new CountDownLatch(1);
  private volatile boolean away;

  public TcpProxy(TestDatabase to) {
    database = URI.create(to.url().substring("jdbc:".length()));
    try {
      entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::accept);
  }

  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + entrance.getLocalPort() + database.getPath() + READABLE;
  }

  /** Cuts one commit: that of the transaction with this text among its parameters. */
  public void cutCommitOf(String text, Cut cut) {
    plan.set(new Plan(text.getBytes(StandardCharsets.UTF_8), cut, false));
  }

  /** Like {@link #cutCommitOf}, and then refuses all connections. */
  public void cutCommitOfAndStayAway(String text, Cut cut) {
    plan.set(new Plan(text.getBytes(StandardCharsets.UTF_8), cut, true));
  }

  public boolean isCut() {
    return plan.get() == null;
  }

  public void deliver() {
    delivery.countDown();
  }

  public void comeBack() {
    away = false;
  }

  private void goAway() {
    away = true;
    lines.forEach(Connected::close);
  }

  private void accept() {
    while (!entrance.isClosed()) {
      try {
        Socket application = entrance.accept();
        if (away) {
          application.close();
        } else {
          Connected line =
              new Connected(application, new Socket(database.getHost(), database.getPort()));
          lines.add(line);
          threads.execute(line::carryRequests);
          threads.execute(line::carryAnswers);
        }
      } catch (IOException closed) {
        // The application's driver says so, or the test has ended.
      }
    }
  }

  @Override
  public void close() throws IOException {
    entrance.close();
    goAway();
    deliver();
    threads.close();
  }

  /** One connection of the application. */
  private final class Connected {

    private final Socket application;
    private final Socket server;
    private volatile boolean lastAnswer;
    private volatile boolean thenAway;

    Connected(Socket application, Socket server) throws IOException {
      this.application = application;
      this.server = server;
      application.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
    }

    void carryRequests() {
      try (server) {
        var from = new DataInputStream(application.getInputStream());
        var to = new DataOutputStream(server.getOutputStream());
        byte[] start = from.readNBytes(from.readInt() - 4);
        to.writeInt(start.length + 4);
        to.write(start);
        Plan affected = null;
        while (true) {
          Message message = Message.read(from);
          Plan now = plan.get();
          if (now != null && message.type == 'B' && message.contains(now.text)) {
            affected = now;
          }
          if (message.isParseOf("COMMIT") && affected != null && plan.compareAndSet(now, null)) {
            ByteArrayOutputStream commit = new ByteArrayOutputStream();
            while (message.type != 'S') {
              message.write(commit);
              message = Message.read(from);
            }
            message.write(commit);
            cut(affected, commit.toByteArray());
            return;
          }
          if (message.isParseOf("COMMIT") || message.isParseOf("ROLLBACK")) {
            affected = null;
          }
          message.write(to);
        }
      } catch (IOException | InterruptedException ended) {
        close();
      }
    }

    private void cut(Plan planned, byte[] commit) throws IOException, InterruptedException {
      thenAway = planned.thenAway;
      switch (planned.cut) {
        case BEFORE_IT_ARRIVES -> end();
        case ON_ITS_WAY -> {
          lastAnswer = true;
          application.close();
          delivery.await();
          server.getOutputStream().write(commit);
          awaitEnd();
        }
        case AFTER_IT_ARRIVED -> {
          lastAnswer = true;
          server.getOutputStream().write(commit);
          awaitEnd();
        }
      }
    }

    /** Until {@link #carryAnswers} has seen the commit's answer. */
    private void awaitEnd() throws InterruptedException {
      synchronized (this) {
        while (!server.isClosed()) {
          wait();
        }
      }
    }

    void carryAnswers() {
      try {
        var from = new DataInputStream(server.getInputStream());
        var to = application.getOutputStream();
        while (true) {
          Message message = Message.read(from);
          if (!lastAnswer) {
            message.write(to);
          } else if (message.type == 'Z') {
            end();
            return;
          }
        }
      } catch (IOException ended) {
        close();
      }
    }

    private void end() {
      if (thenAway) {
        goAway();
      }
      close();
    }

    void close() {
      lines.remove(this);
      try (application;
          server) {
        synchronized (this) {
          server.close();
          notifyAll();
        }
      } catch (IOException alreadyClosed) {
        // as it should be
      }
    }
  }

  /** A protocol message: a letter, the length of the rest, the rest. */
  private record Message(int type, byte[] body) {

    static Message read(DataInputStream from) throws IOException {
      int type = from.readUnsignedByte();
      return new Message(type, from.readNBytes(from.readInt() - 4));
    }

    void write(OutputStream to) throws IOException {
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      DataOutputStream data = new DataOutputStream(whole);
      data.writeByte(type);
      data.writeInt(body.length + 4);
      data.write(body);
      to.write(whole.toByteArray());
    }

    boolean isParseOf(String statement) {
      return type == 'P' && contains(("\0" + statement + "\0").getBytes(StandardCharsets.UTF_8));
    }

    boolean contains(byte[] text) {
      return new String(body, StandardCharsets.ISO_8859_1)
          .contains(new String(text, StandardCharsets.ISO_8859_1));
    }
  }
}
