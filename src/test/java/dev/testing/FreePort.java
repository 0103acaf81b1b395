package dev.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Finds a port for a server that a test stops and starts again. */
public final class FreePort {

  // Below the ports of outgoing connections, which tests of both forks open all the time
  private static final int FIRST = 20_000;
  private static final int LAST = 32_000;

  private FreePort() {}

  public static int find() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (BindException taken) {
        // The next one may be free.
      }
    }
  }
}
