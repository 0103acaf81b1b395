@NullMarked
package dev.evenkeel.accounts.posting;

import org.jspecify.annotations.NullMarked;
