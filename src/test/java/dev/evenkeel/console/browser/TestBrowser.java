package dev.evenkeel.console.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * One browser and one application for all tests. A test fails if its people's browsers complained.
 */
final class TestBrowser implements BeforeAllCallback, AfterEachCallback {

  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  private @Nullable Running running;
  private final List<Person> people = new ArrayList<>();
  private final Map<String, String> cookies = new HashMap<>();

  private record Running(DevelopmentApplication application, Playwright playwright, Browser browser)
      implements AutoCloseable {

    static Running start() {
      try {
        Playwright playwright =
            Playwright.create(
                new Playwright.CreateOptions()
                    .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser =
            playwright
                .chromium()
                .launch(
                    new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium())
                        .setArgs(
                            List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--no-first-run")));
        return new Running(new DevelopmentApplication(), playwright, browser);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    /** The one that the property {@code chromium} names, else the first on the path. */
    private static Path chromium() {
      String configured = System.getProperty("chromium", "");
      return configured.isEmpty()
          ? Stream.of(System.getenv("PATH").split(File.pathSeparator))
              .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
              .filter(Files::isExecutable)
              .findFirst()
              .orElseThrow(() ->
                  new IllegalStateException(
                      "There is no Chromium on the path: install it, or name it by -Dchromium=..."))
          : Path.of(configured);
    }

    @Override
    public void close() throws IOException {
      playwright.close();
      application.close();
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    running =
        context
            .getRoot()
            .getStore(Namespace.GLOBAL)
            .computeIfAbsent(Running.class, _ -> Running.start(), Running.class);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    List<String> complaints = people.stream().flatMap(it -> it.complaints.stream()).toList();
    people.forEach(Person::leave);
    people.clear();
    assertThat(complaints).as("what the browser complained of").isEmpty();
  }

  private Running running() {
    return Objects.requireNonNull(running);
  }

  DevelopmentApplication application() {
    return running().application();
  }

  /** Somebody who has not logged in yet. */
  Person stranger() {
    return enter(null);
  }

  /** Somebody who has logged in under this name. */
  Person person(String name) {
    if (!cookies.containsKey(name)) {
      Person stranger = stranger();
      stranger.open("/console/accounts");
      stranger.logInAs(name);
      stranger.page.waitForURL("**/console/accounts*");
      cookies.put(name, stranger.cookies());
    }
    return enter(cookies.get(name));
  }

  private Person enter(@Nullable String cookies) {
    Person person = new Person(application(), running().browser(), cookies);
    people.add(person);
    return person;
  }
}
