package dev.evenkeel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.http.body.BodyMemory;
import dev.evenkeel.http.body.RequestPlace;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** A form takes no place while it arrives. */
class FormBodyTests {

  private final Semaphore places = new Semaphore(1);
  private final MockHttpServletResponse response = new MockHttpServletResponse();
  private final MockFilterChain rest = new MockFilterChain();

  private void send(Runnable reading) throws Exception {
    MockHttpServletRequest request =
        new MockHttpServletRequest("POST", "/console/logout") {
          @Override
          public Map<String, String[]> getParameterMap() {
            reading.run();
            return super.getParameterMap();
          }
        };
    assertThat(new RequestPlace(places, new BodyMemory(0), request).take()).isTrue();
    new FormBody().doFilter(request, response, rest);
  }

  @Test
  void readsWithoutAPlace() throws Exception {
    send(() -> assertThat(places.availablePermits()).isEqualTo(1));

    assertThat(places.availablePermits()).isZero();
    assertThat(rest.getRequest()).isNotNull();
  }

  @Test
  void refusesIfItsPlaceWasTaken() throws Exception {
    send(() -> assertThat(places.tryAcquire()).isTrue());

    assertThat(response.getStatus()).isEqualTo(503);
    assertThat(rest.getRequest()).isNull();
  }

  @Test
  void refusesWhatCannotBeRead() throws Exception {
    send(() -> {
      throw new IllegalStateException("too long");
    });

    assertThat(response.getStatus()).isEqualTo(400);
    assertThat(rest.getRequest()).isNull();
  }
}
