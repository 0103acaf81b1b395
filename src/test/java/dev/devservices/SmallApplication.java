package dev.devservices;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;

/** The development services under an application that starts in a moment. */
@SpringBootConfiguration
@ImportAutoConfiguration({
  DevelopmentServices.class,
  DataSourceAutoConfiguration.class,
  TomcatServletWebServerAutoConfiguration.class
})
class SmallApplication {

  public static void main(String[] arguments) {
    SpringApplication.run(SmallApplication.class, arguments);
  }
}
