package dev.planted.accounts.posting;

import dev.planted.accounts.Balances;

/** A write path that uses a component of the module's root. */
public class PostingWriter {

  public void write(Balances balances) {}
}
