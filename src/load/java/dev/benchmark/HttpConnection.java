package dev.benchmark;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One HTTP/1.1 connection with at most one request under way. */
final class HttpConnection {

  private static final byte[] END_OF_HEAD = "\r\n\r\n".getBytes(ISO_8859_1);
  private static final byte[] END_OF_CHUNKS = "\r\n0\r\n\r\n".getBytes(ISO_8859_1);

  private final InetSocketAddress address;
  private final Selector selector;
  private SocketChannel channel;
  private @Nullable ByteBuffer unanswered;
  private byte[] received = new byte[1024];
  private int size;
  private int head;
  private int total;

  /** When the request was due, by {@link System#nanoTime}. */
  long due;

  /** When it left. */
  long sent;

  HttpConnection(InetSocketAddress address, Selector selector) throws IOException {
    this.address = address;
    this.selector = selector;
    this.channel = open();
  }

  private SocketChannel open() throws IOException {
    SocketChannel opened = SocketChannel.open(address);
    opened.configureBlocking(false);
    opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
    opened.register(selector, SelectionKey.OP_READ, this);
    return opened;
  }

  void send(ByteBuffer request, long due) throws IOException {
    this.due = due;
    sent = System.nanoTime();
    send(request);
  }

  private void send(ByteBuffer request) throws IOException {
    unanswered = request.duplicate();
    size = 0;
    head = 0;
    total = 0;
    while (request.hasRemaining()) {
      if (channel.write(request) == 0) {
        Thread.onSpinWait();
      }
    }
  }

  /**
   * Takes what has come.
   *
   * @return whether the answer is complete
   */
  boolean receive(ByteBuffer some) throws IOException {
    some.clear();
    int count = channel.read(some);
    if (count < 0 && size > 0 && unanswered != null) {
      throw new IOException("the connection was closed within the answer: " + answer());
    }
    if (count < 0) {
      openAnother();
      return false;
    }
    if (received.length < size + count) {
      received = Arrays.copyOf(received, 2 * (size + count));
    }
    some.flip().get(received, size, count);
    size += count;
    if (head == 0) {
      head = find(END_OF_HEAD);
      if (head > 0) {
        String length = header("Content-Length");
        total = length.isEmpty() ? -1 : head + Integer.parseInt(length);
      }
    }
    boolean complete = head > 0 && (total < 0 ? endsWith(END_OF_CHUNKS) : size == total);
    if (complete) {
      unanswered = null;
    }
    return complete;
  }

  /** The server closes what nobody uses. A request that met its end is sent again: it has a key. */
  private void openAnother() throws IOException {
    channel.close();
    channel = open();
    if (unanswered != null) {
      send(unanswered);
    }
  }

  private int find(byte[] end) {
    for (int i = 0; i + end.length <= size; i++) {
      if (Arrays.equals(received, i, i + end.length, end, 0, end.length)) {
        return i + end.length;
      }
    }
    return 0;
  }

  private boolean endsWith(byte[] end) {
    return size >= head + end.length - 2
        && Arrays.equals(received, size - end.length, size, end, 0, end.length);
  }

  int status() {
    return 100 * (received[9] - '0') + 10 * (received[10] - '0') + received[11] - '0';
  }

  /** Empty if the answer has none of the name. */
  String header(String name) {
    String text = "\r\n" + name + ": ";
    byte[] start = text.getBytes(ISO_8859_1);
    for (int i = 0; i + start.length <= head; i++) {
      if (Arrays.equals(received, i, i + start.length, start, 0, start.length)) {
        int from = i + start.length;
        int to = from;
        while (received[to] != '\r') {
          to++;
        }
        return new String(received, from, to - from, ISO_8859_1);
      }
    }
    return "";
  }

  String answer() {
    return new String(received, 0, size, ISO_8859_1);
  }

  /** After an answer: the server may have said that it was the last one. */
  void reopenIfAsked() throws IOException {
    if (header("Connection").equals("close")) {
      openAnother();
    }
  }

  void close() throws IOException {
    channel.close();
  }
}
