package dev.evenkeel.console.browser;

import com.microsoft.playwright.Page;
import java.nio.file.Path;

/** Pictures for the documentation, taken with {@code -Dscreenshots} only. */
final class Screenshots {

  private static final Path FOLDER = Path.of("docs", "images");

  private Screenshots() {}

  /**
   * Takes what is to be seen without scrolling.
   *
   * @param name of the file; if empty, none is taken
   */
  static void take(Page page, String name) {
    if (System.getProperty("screenshots") != null && !name.isEmpty()) {
      page.screenshot(new Page.ScreenshotOptions().setPath(FOLDER.resolve(name + ".png")));
    }
  }
}
