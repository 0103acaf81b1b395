package dev.evenkeel.accounts;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.UUID;

/** The id of a transfer or of a hold, which is a transfer that has not been posted. */
public record TransferId(@JsonValue UUID value) {

  @Override
  public String toString() {
    return value.toString();
  }
}
