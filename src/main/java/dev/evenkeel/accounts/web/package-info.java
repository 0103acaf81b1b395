@NullMarked
package dev.evenkeel.accounts.web;

import org.jspecify.annotations.NullMarked;
