package dev.paymentprovider;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Gives each test a provider of its own and a client for it. */
abstract class RunningProvider {

  @TempDir Path folder;
  PaymentProvider provider;
  ProviderClient client;

  @BeforeEach
  void start() throws Exception {
    provider = PaymentProvider.start(0, folder.resolve("operations.jsonl"));
    client = new ProviderClient(provider);
  }

  @AfterEach
  void stop() {
    client.close();
    provider.close();
  }

  void restart() throws Exception {
    stop();
    start();
  }
}
