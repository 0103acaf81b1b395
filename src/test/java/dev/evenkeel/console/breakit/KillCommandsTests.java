package dev.evenkeel.console.breakit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KillCommandsTests {

  @Test
  void killsTheProcess() {
    assertThat(KillCommands.of(4711))
        .isEqualTo(new KillCommands("kill -9 4711", "./mvnw spring-boot:run"));
  }

  @Test
  void killsTheContainerFromOutside() {
    KillCommands commands = KillCommands.of(1);

    assertThat(commands.kill()).isEqualTo("docker-compose kill -s KILL application");
    assertThat(commands.start()).isEqualTo("docker-compose up -d application");
  }
}
