@NullMarked
package dev.evenkeel.payments.web;

import org.jspecify.annotations.NullMarked;
