package dev.planted.accounts;

/** Public, and nobody's. */
public final class Forgotten {

  private Forgotten() {}

  /** Only {@link Forgotten} speaks of it. */
  public static ForgottenToo other() {
    return new ForgottenToo("forgotten");
  }
}
