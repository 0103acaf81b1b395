package dev.planted.accounts;

/** Nobody outside names it, but it is part of what {@link Account} says to others. */
public record Owner(String name) {}
