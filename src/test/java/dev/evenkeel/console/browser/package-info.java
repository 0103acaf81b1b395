/** The console as a person sees it: Chromium on the application in development. */
@NullMarked
package dev.evenkeel.console.browser;

import org.jspecify.annotations.NullMarked;
