package dev.devservices.login;

import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.authentication.RememberMeAuthenticationProvider;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.web.authentication.rememberme.RememberMeAuthenticationFilter;
import org.springframework.security.web.authentication.rememberme.TokenBasedRememberMeServices;

/**
 * Remembers by a cookie who has logged in, for two weeks or until logging out. Sessions end with
 * the process, but pages that are open come back after a restart without a person.
 */
final class RememberedLogin extends TokenBasedRememberMeServices {

  /** Publicly known, as the logins are. */
  private static final String KEY = "evenkeel-development";

  RememberedLogin(UserDetailsService users) {
    super(KEY, users);
    setAlwaysRemember(true);
    setCookieCustomizer(cookie -> cookie.setAttribute("SameSite", "Lax"));
  }

  /** Leaves out the encoded password, which differs between two starts. */
  @Override
  protected String makeTokenSignature(
      long expiry, String name, @Nullable String password, RememberMeTokenAlgorithm algorithm) {
    return super.makeTokenSignature(expiry, name, "", algorithm);
  }

  RememberMeAuthenticationFilter filter() {
    return new RememberMeAuthenticationFilter(
        new ProviderManager(new RememberMeAuthenticationProvider(KEY)), this);
  }
}
