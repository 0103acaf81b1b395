package dev.evenkeel.notifications;

import dev.evenkeel.problems.ProblemType;

/** Why something about webhooks is refused. */
public enum WebhookProblem implements ProblemType {
  ADDRESS_NOT_ALLOWED(422),
  TOO_MANY_ENDPOINTS(409),
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

  /** No key helps where there is a setting missing. */
  @Override
  public Retry retry() {
    return this == WEBHOOKS_NOT_CONFIGURED ? Retry.NO : ProblemType.super.retry();
  }
}
