package dev.planted.accounts;

public record ForgottenToo(String name) {}
