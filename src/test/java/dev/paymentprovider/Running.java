package dev.paymentprovider;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A provider and a caller of its own for each test. */
abstract class Running {

  @TempDir Path folder;
  PaymentProvider provider;
  Caller caller;

  @BeforeEach
  void start() throws Exception {
    provider = PaymentProvider.start(0, folder.resolve("operations.jsonl"));
    caller = new Caller(provider);
  }

  @AfterEach
  void stop() {
    caller.close();
    provider.close();
  }

  void restart() throws Exception {
    stop();
    start();
  }
}
