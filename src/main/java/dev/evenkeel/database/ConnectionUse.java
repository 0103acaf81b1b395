package dev.evenkeel.database;

/**
 * What may hold connections to the database whether or not there are requests.
 *
 * @param by in a few words
 * @param connections how many at once, at most
 */
public record ConnectionUse(String by, int connections) {}
