package dev.evenkeel.architecture;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.Evenkeel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;
import org.springframework.modulith.docs.Documenter;

/**
 * {@code docs/modules} matches the code. After a change of the modules, regenerate it with {@code
 * ./mvnw test -Dtest=ModuleDocumentationTests -Dupdate.module.docs=true}.
 */
class ModuleDocumentationTests {

  private static final Path COMMITTED = Path.of("docs/modules");
  private static final Path GENERATED = Path.of("target/module-docs");
  private static final Pattern LIST = Pattern.compile("(?m)(?:^(?:Rel\\(|\\* ).*\\n)+");

  @Test
  void documentsTheModulesAsTheyAre() throws IOException {
    Map<String, String> current = generated();

    if (Boolean.getBoolean("update.module.docs")) {
      replace(COMMITTED, current);
    }
    assertThat(files(COMMITTED)).as("docs/modules, see how to regenerate it").isEqualTo(current);
  }

  private static Map<String, String> generated() throws IOException {
    new Documenter(
            ApplicationModules.of(Evenkeel.class),
            Documenter.Options.defaults().withOutputFolder(GENERATED.toString()))
        .writeDocumentation();
    Map<String, String> files = files(GENERATED);
    files.replaceAll((_, text) -> inOneOrder(text));
    return files;
  }

  /** The generator promises no order of a diagram's relations and of a canvas' lists. */
  private static String inOneOrder(String text) {
    return LIST.matcher(text.stripTrailing().replace("\n|* ", "\n|\n* ") + "\n")
        .replaceAll(list ->
            Matcher.quoteReplacement(
                list.group()
                    .lines()
                    .map(String::stripTrailing)
                    .sorted()
                    .collect(joining("\n", "", "\n"))));
  }

  private static Map<String, String> files(Path folder) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          texts.put(file.getFileName().toString(), Files.readString(file));
        }
      }
    }
    return texts;
  }

  private static void replace(Path folder, Map<String, String> texts) throws IOException {
    Files.createDirectories(folder);
    for (String outdated : files(folder).keySet()) {
      Files.delete(folder.resolve(outdated));
    }
    for (Map.Entry<String, String> text : texts.entrySet()) {
      Files.writeString(folder.resolve(text.getKey()), text.getValue());
    }
  }
}
