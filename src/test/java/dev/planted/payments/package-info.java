@NullMarked
package dev.planted.payments;

import org.jspecify.annotations.NullMarked;
