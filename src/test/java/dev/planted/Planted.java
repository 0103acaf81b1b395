package dev.planted;

import org.springframework.modulith.Modulithic;

/** An application that breaks every rule of the house once, so that tests see the rules notice. */
@Modulithic
public final class Planted {}
