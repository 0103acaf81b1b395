/** Says that it uses no module, and uses payments; the two make a cycle. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package dev.planted.accounts;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
