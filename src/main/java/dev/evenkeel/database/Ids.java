package dev.evenkeel.database;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import java.time.Instant;
import java.util.UUID;

/** Generates ids: UUIDs of version 7, which grow with time and keep indexes compact. */
public final class Ids {

  private static final NoArgGenerator GENERATOR = Generators.timeBasedEpochGenerator();

  /** The largest UUID, after every id. */
  public static final UUID LAST = new UUID(-1, -1);

  private Ids() {}

  /** The smallest id that is given at this time: its first 48 bits are the time. */
  public static UUID first(Instant time) {
    return new UUID(time.toEpochMilli() << 16 | 0x7000, Long.MIN_VALUE);
  }

  public static UUID next() {
    return GENERATOR.generate();
  }
}
