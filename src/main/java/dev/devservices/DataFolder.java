package dev.devservices;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The folder with the development data, locked for one application at a time. The operating system
 * releases the lock when the process ends, even if it is killed.
 */
class DataFolder implements AutoCloseable {

  private final Path path;
  private final FileChannel lock;

  private DataFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  static DataFolder open(Path configured) {
    var path = configured.toAbsolutePath().normalize();
    try {
      Files.createDirectories(path);
      var channel =
          FileChannel.open(
              path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new DevelopmentServiceException(
            "another Evenkeel is using " + path + ".",
            "Stop it, or set evenkeel.development.data to another folder.",
            null);
      }
      return new DataFolder(path, channel);
    } catch (IOException e) {
      throw new DevelopmentServiceException(
          "can't use the folder " + path + " (" + e + ").",
          "Set evenkeel.development.data to one that can be written.",
          e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // locked by this process
    }
  }

  Path path() {
    return path;
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
