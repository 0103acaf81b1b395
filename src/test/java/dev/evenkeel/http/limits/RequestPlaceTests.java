package dev.evenkeel.http.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.http.body.BodyMemory;
import dev.evenkeel.http.body.RequestPlace;
import dev.evenkeel.problems.BusyException;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

class RequestPlaceTests {

  final Semaphore places = new Semaphore(1);
  final MockHttpServletRequest request = new MockHttpServletRequest();
  final RequestPlace place = new RequestPlace(places, new BodyMemory(1), request);

  @Test
  void holdsNoPlaceWhileItsBodyArrives() {
    assertThat(place.take()).isTrue();
    assertThat(places.availablePermits()).isZero();

    RequestPlace.giveUp(request);
    assertThat(places.availablePermits()).isEqualTo(1);

    RequestPlace.take(request);
    assertThat(places.availablePermits()).isZero();
  }

  @Test
  void rejectsCompleteBodyWhenAllPlacesAreTaken() {
    place.take();
    RequestPlace.giveUp(request);
    places.acquireUninterruptibly();

    assertThatThrownBy(() -> RequestPlace.take(request)).isInstanceOf(BusyException.class);
  }

  /** The end of a stream is dispatched after its request has ended. */
  @Test
  void takesNoPlaceAfterItsEnd() {
    place.take();
    place.end();

    RequestPlace.giveUp(request);
    RequestPlace.take(request);

    assertThat(places.availablePermits()).isEqualTo(1);
  }
}
