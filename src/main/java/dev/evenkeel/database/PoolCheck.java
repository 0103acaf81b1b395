package dev.evenkeel.database;

import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.stereotype.Component;

/** Refuses to start with a pool that could leave no connection for requests. */
@Component
class PoolCheck {

  private static final String PROPERTY = "spring.datasource.hikari.maximum-pool-size";

  PoolCheck(@Value("${" + PROPERTY + "}") int size, List<ConnectionUse> uses) {
    if (uses.stream().mapToInt(ConnectionUse::connections).sum() >= size) {
      throw new InvalidConfigurationPropertyValueException(
          PROPERTY, size, "Nothing may be left for requests: all can be taken by " + uses);
    }
  }
}
