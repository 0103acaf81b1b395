@NullMarked
package dev.planted.accounts.posting;

import org.jspecify.annotations.NullMarked;
