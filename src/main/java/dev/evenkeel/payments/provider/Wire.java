package dev.evenkeel.payments.provider;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The HTTP calls to the provider. The simulation of payments has its own. */
interface Wire extends AutoCloseable {

  /**
   * @throws ProviderConnection.NotConnectedException if nothing was sent
   * @throws IOException for every other failure; the request may have been sent
   */
  HttpResponse<byte[]> send(ProviderRequest request, Duration timeout) throws IOException;

  /**
   * Has the provider do what is to follow the operation that a request made, see {@link
   * ProviderRequest.Known}. It has the same effect however often it is sent. Throws as {@link
   * #send} does.
   */
  HttpResponse<byte[]> followUp(ProviderRequest request, Duration timeout) throws IOException;

  /** Queries the operation that a request made. Throws as {@link #send} does. */
  HttpResponse<byte[]> query(ProviderRequest request, Duration timeout) throws IOException;

  /** Gets an answer of at most 1 MiB. Throws as {@link #send} does. */
  HttpResponse<byte[]> get(String operation, String path, Duration timeout) throws IOException;

  @Override
  void close();
}
