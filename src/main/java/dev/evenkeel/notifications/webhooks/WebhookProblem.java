package dev.evenkeel.notifications.webhooks;

import dev.evenkeel.problems.ProblemType;

/** The reasons for refusing a request about webhooks. */
public enum WebhookProblem implements ProblemType {
  ADDRESS_NOT_ALLOWED(422),
  TOO_MANY_ENDPOINTS(409),
  TOO_MANY_SECRETS(409),
  DELIVERY_PENDING(409),
  WEBHOOKS_NOT_CONFIGURED(503);

  private final int status;

  WebhookProblem(int status) {
    this.status = status;
  }

  @Override
  public int status() {
    return status;
  }

  /** A retry cannot succeed while the installation has no encryption key. */
  @Override
  public Retry retry() {
    return this == WEBHOOKS_NOT_CONFIGURED ? Retry.NO : ProblemType.super.retry();
  }
}
