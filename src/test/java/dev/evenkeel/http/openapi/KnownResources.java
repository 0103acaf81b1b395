package dev.evenkeel.http.openapi;

import dev.testing.Contract;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The resources that earlier responses told of, so that later requests can name them. */
final class KnownResources {

  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final Pattern VARIABLE = Pattern.compile("\\{[^}]*}");

  /** Operations that name resources of other paths. */
  private static final Map<String, String> ALIASES =
      Map.of(
          // part of notifications
          "/v1/webhook-deliveries/{}",
          "/v1/webhook-endpoints/{}/deliveries/{}",
          // end of notifications
          "/v1/operations/payments/{}",
          "/v1/payments/{}");

  /** By path, with {} for each id. */
  private final Map<String, List<String>> paths = new HashMap<>();

  private final Set<String> seen = new LinkedHashSet<>();

  /** Learns from the response to a request for a path. */
  void learn(String path, Optional<String> location, JsonNode body) {
    location.ifPresent(this::add);
    for (JsonNode element : body.at("/data")) {
      String id = element.at("/id").asString("");
      if (UUID_FORM.matcher(id).matches()) {
        add(path + "/" + id);
      }
    }
  }

  private void add(String path) {
    if (seen.add(path)) {
      String template = UUID_FORM.matcher(path).replaceAll("{}");
      paths.computeIfAbsent(template, _ -> new ArrayList<>()).add(path);
    }
  }

  /** An account's id, mostly one of the first. */
  String account(Random random) {
    List<String> accounts = paths.getOrDefault("/v1/accounts/{}", List.of());
    if (accounts.isEmpty()) {
      return new UUID(random.nextLong(), random.nextLong()).toString();
    }
    int among = random.nextInt(4) == 0 ? accounts.size() : Math.min(accounts.size(), 3);
    return ids(accounts.get(random.nextInt(among))).getLast();
  }

  /** The path of an operation, with the ids of a known resource if there is one. */
  String path(Contract.Operation operation, Random random) {
    String template = VARIABLE.matcher(operation.path()).replaceAll("{}");
    List<String> ids =
        prefixes(template)
            .map(prefix -> paths.get(ALIASES.getOrDefault(prefix, prefix)))
            .filter(known -> known != null)
            .findFirst()
            .map(known -> ids(known.get(random.nextInt(first(operation, known), known.size()))))
            .orElse(List.of());
    String path = operation.path();
    int variables = (int) VARIABLE.matcher(path).results().count();
    // An alias may have more ids than the path: the last ones count.
    for (String id : ids.subList(Math.max(0, ids.size() - variables), ids.size())) {
      path = VARIABLE.matcher(path).replaceFirst(id);
    }
    return VARIABLE
        .matcher(path)
        .replaceAll(_ -> new UUID(random.nextLong(), random.nextLong()).toString());
  }

  /** Forgets all resources that an operation is for, and returns their paths. */
  List<String> forget(Contract.Operation operation) {
    List<String> known = paths.remove(VARIABLE.matcher(operation.path()).replaceAll("{}"));
    return known == null ? List.of() : known;
  }

  /** The first accounts are for moving money: none of them is frozen or closed. */
  private static int first(Contract.Operation operation, List<String> known) {
    boolean changesAccount =
        operation.path().startsWith("/v1/accounts/") && !operation.method().equals("GET");
    return changesAccount ? Math.min(3, known.size() - 1) : 0;
  }

  /** From the whole path to the beginning. */
  private static Stream<String> prefixes(String template) {
    return Stream.iterate(
        template, it -> it.contains("{}"), it -> it.substring(0, it.lastIndexOf('/')));
  }

  private static List<String> ids(String path) {
    return UUID_FORM.matcher(path).results().map(MatchResult::group).toList();
  }
}
