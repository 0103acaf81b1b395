package dev.evenkeel.console.breakit;

/**
 * What kills the application, and what starts it again.
 *
 * @param kill to be typed in a shell of the machine that the process runs on
 */
public record KillCommands(String kill, String start) {

  /** The process id in a container. */
  private static final long FIRST = 1;

  public static KillCommands of(long process) {
    return process == FIRST
        ? new KillCommands(
            "docker-compose kill -s KILL application", "docker-compose up -d application")
        : new KillCommands("kill -9 " + process, "./mvnw spring-boot:run");
  }
}
