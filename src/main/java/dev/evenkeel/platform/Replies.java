package dev.evenkeel.platform;

import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/** Answers that every operation with a key gives alike. */
public final class Replies {

  static final String REPLAYED = "Idempotent-Replayed";

  private Replies() {}

  /** For what the request made. */
  public static <T> ResponseEntity<T> created(String location, T body) {
    return ResponseEntity.created(URI.create(location)).body(body);
  }

  /** For what the request made but has not finished. */
  public static <T> ResponseEntity<T> accepted(String location, T body) {
    return ResponseEntity.accepted().location(URI.create(location)).body(body);
  }

  /** For what an earlier request with the same key made. */
  public static <T> ResponseEntity<T> replayed(HttpStatus status, String location, T body) {
    return ResponseEntity.status(status)
        .location(URI.create(location))
        .header(REPLAYED, "true")
        .body(body);
  }
}
