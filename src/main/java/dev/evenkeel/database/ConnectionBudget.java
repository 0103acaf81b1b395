package dev.evenkeel.database;

import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.stereotype.Component;

/** Refuses to start with a pool so small that background work could take every connection. */
@Component
public class ConnectionBudget {

  private static final String POOL_SIZE = "spring.datasource.hikari.maximum-pool-size";

  /**
   * The connections that one kind of background work may hold at once, as a bean.
   *
   * @param by the work, in a few words
   */
  public record Share(String by, int connections) {}

  ConnectionBudget(@Value("${" + POOL_SIZE + "}") int size, List<Share> shares) {
    if (shares.stream().mapToInt(Share::connections).sum() >= size) {
      throw new InvalidConfigurationPropertyValueException(
          POOL_SIZE, size, "Background work could leave no connection for requests: " + shares);
    }
  }
}
