package dev.evenkeel.console.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A person with cookies and tabs of their own. */
final class Person {

  private final DevelopmentApplication application;
  private final BrowserContext context;

  /** What the browser complained of: errors of scripts, refused content, failed requests. */
  final List<String> complaints = new ArrayList<>();

  /** The first tab. */
  final Page page;

  /**
   * @param cookies as an earlier login left them
   */
  Person(DevelopmentApplication application, Browser browser, @Nullable String cookies) {
    this.application = application;
    this.context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setLocale("en-US")
                .setTimezoneId("UTC")
                .setViewportSize(1280, 800)
                .setStorageState(cookies));
    context.onConsoleMessage(message -> {
      if (message.type().equals("error") || message.type().equals("warning")) {
        complaints.add(message.page().url() + ": " + message.text());
      }
    });
    context.onWebError(error -> complaints.add(error.page().url() + ": " + error.error()));
    this.page = context.newPage();
  }

  /** Opens a page in the first tab. */
  Page open(String path) {
    page.navigate(application.url(path));
    return page;
  }

  Page openInNewTab(String path) {
    Page tab = context.newPage();
    tab.navigate(application.url(path));
    return tab;
  }

  /** Fills in the login page. */
  void logInAs(String name) {
    page.getByLabel("Username").fill(name);
    page.getByLabel("Password").fill(name + "-secret");
    button("Sign in").click();
  }

  Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, named(name));
  }

  Locator link(String name) {
    return page.getByRole(AriaRole.LINK, named(name));
  }

  Locator heading() {
    return page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1));
  }

  private static Page.GetByRoleOptions named(String name) {
    return new Page.GetByRoleOptions().setName(name).setExact(true);
  }

  /** Takes complaints about what a test does on purpose, such as the status 404. */
  void expectComplaints(String about) {
    complaints.removeIf(complaint -> complaint.contains(about));
  }

  /** As if sessions and logins had ended. */
  void loseCookies() {
    context.clearCookies();
  }

  String cookies() {
    return context.storageState();
  }

  void leave() {
    context.close();
  }
}
