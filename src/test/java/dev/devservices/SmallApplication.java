package dev.devservices;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.net.URI;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.validation.annotation.Validated;

/** A minimal application that uses the development services and starts fast. */
@SpringBootConfiguration
@ImportAutoConfiguration({
  DevelopmentServices.class,
  DataSourceAutoConfiguration.class,
  TomcatServletWebServerAutoConfiguration.class
})
@EnableConfigurationProperties(SmallApplication.ProviderSettings.class)
class SmallApplication {

  /** Prints the webhooks that it receives. */
  @Bean
  ServletRegistrationBean<HttpServlet> webhooks() {
    HttpServlet servlet =
        new HttpServlet() {
          @Override
          protected void doPost(HttpServletRequest request, HttpServletResponse response)
              throws IOException {
            var body = request.getReader().readLine();
            System.out.println(request.getRequestURI() + " got " + body);
          }
        };
    return new ServletRegistrationBean<>(servlet, "/v1/provider/webhooks");
  }

  /** Requires the provider's address, as Evenkeel does. */
  @Validated
  @ConfigurationProperties("evenkeel.payments.provider")
  record ProviderSettings(@NotNull URI url) {}

  public static void main(String[] arguments) {
    SpringApplication.run(SmallApplication.class, arguments);
  }
}
