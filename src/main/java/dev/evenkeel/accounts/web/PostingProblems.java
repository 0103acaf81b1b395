package dev.evenkeel.accounts.web;

import dev.evenkeel.problems.Problems;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The problems for which the ledger refuses to move or hold an amount between two accounts. */
@Problems({
  "account-frozen",
  "account-closed",
  "same-account",
  "currency-mismatch",
  "insufficient-funds",
  "balance-limit-exceeded"
})
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface PostingProblems {}
