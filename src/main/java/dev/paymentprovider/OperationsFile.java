package dev.paymentprovider;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The provider's memory: a line of JSON per change of state, only ever appended. A line counts once
 * its line feed is written, so a process killed while writing leaves a torn last line, which was
 * never answered for and is cut off.
 */
final class OperationsFile implements Closeable {

  /**
   * @param request what was asked; absent for returns, which nobody asked for
   */
  record Line(Operation operation, @Nullable OperationRequest request) {}

  private final Path path;
  private final FileOutputStream out;

  private OperationsFile(Path path, FileOutputStream out) {
    this.path = path;
    this.out = out;
  }

  static OperationsFile open(Path path) throws IOException {
    var folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    // Not a FileChannel: an interrupted thread would close that for everybody.
    return new OperationsFile(path, new FileOutputStream(path.toFile(), true));
  }

  /** Everything written so far, oldest first. */
  List<Line> read() throws IOException {
    var bytes = Files.readAllBytes(path);
    var lines = new ArrayList<Line>();
    var start = 0;
    for (var i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        try {
          lines.add(Json.MAPPER.readValue(bytes, start, i - start, Line.class));
        } catch (JacksonException e) {
          throw new IOException("Line " + (lines.size() + 1) + " of " + path + " is damaged", e);
        }
        start = i + 1;
      }
    }
    if (start < bytes.length) {
      try (var file = FileChannel.open(path, StandardOpenOption.WRITE)) {
        file.truncate(start);
      }
    }
    return lines;
  }

  void append(Line line) throws IOException {
    out.write((Json.MAPPER.writeValueAsString(line) + "\n").getBytes(UTF_8));
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
