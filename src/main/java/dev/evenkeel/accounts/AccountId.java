package dev.evenkeel.accounts;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.UUID;

/** The id of a customer account or of one of the ledger's own. As text and as JSON it is a UUID. */
public record AccountId(@JsonValue UUID value) {

  @Override
  public String toString() {
    return value.toString();
  }
}
