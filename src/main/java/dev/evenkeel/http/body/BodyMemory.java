package dev.evenkeel.http.body;

import dev.evenkeel.problems.BusyException;
import java.util.HashMap;
import java.util.Map;

/**
 * The memory for the bodies of all requests. One owner gets at most a quarter of it, but enough for
 * the largest body, and so do all requests without a token together. So nobody's unfinished bodies
 * keep others out.
 */
public final class BodyMemory {

  private static final int LARGEST_BODY = 1024 * 1024;

  private final int size;
  private final int share;
  private final Map<String, Integer> ofOwners = new HashMap<>();
  private int taken;

  /**
   * @param size in bytes
   */
  public BodyMemory(int size) {
    this.size = size;
    this.share = Math.max(size / 4, LARGEST_BODY);
  }

  /**
   * @throws BusyException if the bodies of this owner, or of all, have their part
   */
  synchronized void take(String owner, int bytes) {
    int ofOwner = ofOwners.getOrDefault(owner, 0) + bytes;
    if (taken + bytes > size || ofOwner > share) {
      throw new BusyException("too many bodies are arriving");
    }
    taken += bytes;
    ofOwners.put(owner, ofOwner);
  }

  synchronized void giveBack(String owner, int bytes) {
    taken -= bytes;
    ofOwners.computeIfPresent(owner, (_, ofOwner) -> ofOwner == bytes ? null : ofOwner - bytes);
  }
}
