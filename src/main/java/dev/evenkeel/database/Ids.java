package dev.evenkeel.database;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import java.util.UUID;

/** New ids: UUIDs of version 7, which grow with time, so that indexes on them stay compact. */
public final class Ids {

  private static final NoArgGenerator GENERATOR = Generators.timeBasedEpochGenerator();

  /** After every id. */
  public static final UUID LAST = new UUID(-1, -1);

  private Ids() {}

  public static UUID next() {
    return GENERATOR.generate();
  }
}
