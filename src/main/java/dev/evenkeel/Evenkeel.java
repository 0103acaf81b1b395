package dev.evenkeel;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.modulith.Modulithic;

/** The one deployable: three business modules over one PostgreSQL database. */
@Modulithic(
    sharedModules = {
      "money",
      "problems",
      "idempotency",
      "http",
      "events",
      "database",
      "observability"
    })
@SpringBootApplication
public class Evenkeel {

  public static void main(String[] args) {
    SpringApplication.run(Evenkeel.class, args);
  }
}
