package dev.evenkeel.notifications.web;

import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.Contract;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client that reads its notification stream until it is closed. */
final class Listening implements AutoCloseable {

  record Event(long id, String type, JsonNode data) {}

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  final List<Event> events = new CopyOnWriteArrayList<>();
  private final InputStream stream;
  private final Thread reader;

  static Listening to(Api api) throws Exception {
    return new Listening(api, null);
  }

  static Listening after(Api api, long lastEventId) throws Exception {
    return new Listening(api, String.valueOf(lastEventId));
  }

  private Listening(Api api, @Nullable String lastEventId) throws Exception {
    HttpRequest.Builder request =
        api.request("/v1/notifications/stream").header("Accept", "text/event-stream");
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    HttpRequest sent = request.build();
    HttpResponse<InputStream> response = HTTP.send(sent, BodyHandlers.ofInputStream());
    Contract.check(sent, response, "");
    if (response.statusCode() != 200) {
      throw new AssertionError("no stream: " + response);
    }
    stream = response.body();
    reader = Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (Scanner lines = new Scanner(stream, StandardCharsets.UTF_8)) {
      Map<String, String> fields = new HashMap<>();
      while (lines.hasNextLine()) {
        String line = lines.nextLine();
        if (!line.isEmpty()) {
          String[] field = line.split(":", 2);
          fields.put(field[0], field[1]);
        } else {
          if (fields.containsKey("data")) {
            events.add(
                new Event(
                    Long.parseLong(fields.getOrDefault("id", "")),
                    fields.getOrDefault("event", ""),
                    JsonMapper.shared().readTree(fields.get("data"))));
          }
          fields.clear();
        }
      }
    }
  }

  List<Long> ids() {
    return events.stream().map(Event::id).toList();
  }

  boolean hasEnded() {
    return !reader.isAlive();
  }

  /** Closes the connection without notice, as a network failure does. */
  @Override
  public void close() throws IOException {
    stream.close();
    await().until(this::hasEnded);
  }
}
