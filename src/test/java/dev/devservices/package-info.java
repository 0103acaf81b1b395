@NullMarked
package dev.devservices;

import org.jspecify.annotations.NullMarked;
