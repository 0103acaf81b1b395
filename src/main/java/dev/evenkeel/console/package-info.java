/** Pages for people, over the public API of the other modules. No rule is here. */
@ApplicationModule(
    displayName = "Console",
    allowedDependencies = {
      "accounts",
      "payments",
      "notifications" // part of notifications
    })
@NullMarked
package dev.evenkeel.console;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
