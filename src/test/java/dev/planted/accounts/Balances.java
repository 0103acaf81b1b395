package dev.planted.accounts;

import org.springframework.stereotype.Component;

/** A component of the root that only a sub-package uses. */
@Component
public class Balances {}
