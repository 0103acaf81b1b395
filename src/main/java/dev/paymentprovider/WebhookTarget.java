package dev.paymentprovider;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who is told of news, and the secret that proves who tells.
 *
 * @param secret {@code whsec_} and the key in base 64, as Standard Webhooks has it
 */
public record WebhookTarget(URI url, String secret) {

  private static final String PREFIX = "whsec_";

  public WebhookTarget {
    if (!secret.startsWith(PREFIX)) {
      throw new IllegalArgumentException("A webhook secret starts with " + PREFIX);
    }
    if (key(secret).length == 0) {
      throw new IllegalArgumentException("A webhook secret has a key after " + PREFIX);
    }
  }

  String signature(String id, String timestamp, String body) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key(secret), "HmacSHA256"));
      var signed = mac.doFinal((id + "." + timestamp + "." + body).getBytes(UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(signed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has this algorithm
    }
  }

  @Override
  public String toString() {
    return url.toString();
  }

  private static byte[] key(String secret) {
    return Base64.getDecoder().decode(secret.substring(PREFIX.length()));
  }
}
