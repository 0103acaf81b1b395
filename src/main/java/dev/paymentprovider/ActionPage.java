package dev.paymentprovider;

import java.util.Locale;

/** The page on which a customer approves or declines a charge, as a bank would show it. */
final class ActionPage {

  private ActionPage() {}

  static Response of(Operation operation) {
    var request = operation.request();
    return Response.html(
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Your bank</title>
        </head>
        <body>
        <h1>Your bank</h1>
        <p>%d minor units of %s</p>
        %s
        </body>
        </html>
        """
            .formatted(request.amount(), request.currency(), content(operation)));
  }

  private static String content(Operation operation) {
    return operation.nextAction() == null
        ? "<p>%s. You may close this page.</p>"
            .formatted(operation.status().name().toLowerCase(Locale.ROOT))
        : button(operation, "approve") + button(operation, "decline");
  }

  private static String button(Operation operation, String decision) {
    return """
    <form method="post" action="/actions/%s/%s"><button>%s</button></form>
    """
        .formatted(operation.id(), decision, decision);
  }
}
