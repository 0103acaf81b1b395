@NullMarked
package dev.paymentprovider;

import org.jspecify.annotations.NullMarked;
