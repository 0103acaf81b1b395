package dev.evenkeel.http.body;

/** The pattern of a text that people can see: spaces, controls and format marks alone are none. */
public final class VisibleText {

  public static final String PATTERN = "[\\s\\S]*[^\\p{Z}\\p{C}][\\s\\S]*";
  public static final String MESSAGE = "must have a visible character";

  private VisibleText() {}
}
