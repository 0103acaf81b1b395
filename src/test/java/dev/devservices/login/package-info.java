@NullMarked
package dev.devservices.login;

import org.jspecify.annotations.NullMarked;
