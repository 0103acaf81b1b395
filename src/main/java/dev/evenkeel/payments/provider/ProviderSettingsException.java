package dev.evenkeel.payments.provider;

/** The settings of the payment provider do not fit, so the application does not start. */
public final class ProviderSettingsException extends RuntimeException {

  private final String action;

  /**
   * @param action what to do
   */
  public ProviderSettingsException(String message, String action) {
    super(message);
    this.action = action;
  }

  public String action() {
    return action;
  }
}
