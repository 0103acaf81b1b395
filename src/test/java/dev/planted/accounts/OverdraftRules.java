package dev.planted.accounts;

import org.springframework.stereotype.Component;

/** A rule that Spring has to make. */
@Component
class OverdraftRules {}
