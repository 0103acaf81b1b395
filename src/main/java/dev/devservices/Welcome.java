package dev.devservices;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

/** Logs the addresses of everything that runs and what to try first, once the start is complete. */
class Welcome {

  private static final Logger log = LoggerFactory.getLogger(Welcome.class);

  // part of console
  private static final String CONSOLE =
      "  console      {application}/console, as demo with demo-secret\n";

  // end of console
  // part of notifications
  private static final String FEED =
      "curl --oauth2-bearer $TOKEN \"{application}/v1/notifications?account=$account\"; echo\n";

  // end of notifications

  /** To be pasted into a shell; docs/demo.sh runs and checks them. */
  private static final String COMMANDS =
      String.join(
          "",
          """

          An account; 12.50 EUR paid in; what came of it:

          token() { curl -s -u $1:$1-secret -d grant_type=client_credentials {application}/oauth2/token | cut -d'"' -f4; }
          TOKEN=$(token demo)
          account=$(curl -s --oauth2-bearer $TOKEN {application}/v1/accounts -H 'Content-Type: application/json' \\
            -d '{"name":"Ada","currency":"EUR"}' | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
          pay_in='{"account":"'$account'","kind":"pay_in","amount":1250,"currency":"EUR","instrument":"tok_ok"}'
          curl --oauth2-bearer $TOKEN {application}/v1/payments -H 'Content-Type: application/json' \\
            -H "Idempotency-Key: $account-first" -d "$pay_in"; echo
          curl --oauth2-bearer $TOKEN {application}/v1/accounts/$account; echo
          """,
          FEED, // part of notifications
          """

          The provider hangs, and a pay-in is answered 202: accepted, its outcome unknown. After the
          provider is healed, the payment becomes final by itself, within seconds:

          curl -X PUT {simulator}/faults -H 'Content-Type: application/json' -d '{"mode":"hang"}'; echo
          payment=$(curl -s -w ' %{http_code}\\n' --oauth2-bearer $TOKEN {application}/v1/payments -H 'Content-Type: application/json' \\
            -H "Idempotency-Key: $account-second" -d "$pay_in" | tee /dev/stderr | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
          curl -X PUT {simulator}/faults -H 'Content-Type: application/json' -d '{"mode":"none"}'; echo
          curl --oauth2-bearer $TOKEN {application}/v1/payments/$payment; echo
          """);

  private final DataFolder folder;
  private final DevelopmentDatabase database;
  private final Environment environment;

  Welcome(DataFolder folder, DevelopmentDatabase database, Environment environment) {
    this.folder = folder;
    this.database = database;
    this.environment = environment;
  }

  @EventListener(ApplicationReadyEvent.class)
  void logWelcome() {
    log.info("Evenkeel is ready\n\n{}", text());
  }

  private String text() {
    var application = "http://localhost:" + environment.getProperty("local.server.port");
    var management =
        "http://localhost:"
            + environment.getProperty(
                "local.management.port", environment.getRequiredProperty("local.server.port"));
    var provider = environment.getProperty(DevelopmentServices.PROVIDER_TYPE, "simulator");
    var simulated = provider.equals("simulator");
    var addresses =
        String.join(
            "",
            CONSOLE, // part of console
            """
              API          {application}/swagger-ui.html
              health       {management}/actuator/health
              %s
              database     {database}?user={role}
              data         {folder}
            """
                .formatted(simulated ? "simulator    {simulator}" : "provider     {provider}"));
    return (simulated ? addresses + COMMANDS : addresses)
        .replace("{application}", application)
        .replace("{management}", management)
        .replace("{provider}", provider)
        .replace("{simulator}", environment.getProperty(DevelopmentServices.PROVIDER_URL, ""))
        .replace("{database}", database.url())
        .replace("{role}", DevelopmentDatabase.APPLICATION)
        .replace("{folder}", folder.path().toString());
  }
}
