package dev.evenkeel.notifications.webhooks;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/**
 * Makes secrets and keeps them encrypted: AES-GCM, bound to their endpoint, the key's id before a
 * colon. A key that is to be replaced stays in the settings, behind the new one, for as long as
 * secrets are encrypted with it.
 */
@Component
public class WebhookSecrets {

  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int SECRET_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final Map<String, SecretKey> keys = new LinkedHashMap<>();
  private final SecureRandom random = new SecureRandom();

  WebhookSecrets(WebhookSettings settings) {
    for (String entry : settings.encryptionKeys()) {
      String[] parts = entry.split(":", 2);
      byte[] key = parts.length < 2 ? new byte[0] : Base64.getDecoder().decode(parts[1]);
      if (key.length != 32) {
        // Without the value: it is a secret.
        throw new IllegalArgumentException(
            "evenkeel.notifications.webhooks.encryption-keys: each is an id, a colon and 32 bytes"
                + " in Base64");
      }
      keys.put(parts[0], new SecretKeySpec(key, "AES"));
    }
  }

  public boolean isConfigured() {
    return !keys.isEmpty();
  }

  public Set<String> keyIds() {
    return keys.keySet();
  }

  public byte[] next() {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return secret;
  }

  /** As its owner gets to see it, once. */
  public static String shown(byte[] secret) {
    return "whsec_" + Base64.getEncoder().encodeToString(secret);
  }

  public String encrypted(UUID endpoint, byte[] secret) {
    String keyId = keys.keySet().iterator().next();
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] sealed = run(Cipher.ENCRYPT_MODE, keyId, endpoint, nonce, secret);
    byte[] stored =
        ByteBuffer.allocate(nonce.length + sealed.length).put(nonce).put(sealed).array();
    return keyId + ":" + Base64.getEncoder().encodeToString(stored);
  }

  public byte[] decrypted(UUID endpoint, String stored) {
    String[] parts = stored.split(":", 2);
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(parts[1]));
    byte[] nonce = new byte[NONCE_BYTES];
    bytes.get(nonce);
    byte[] sealed = new byte[bytes.remaining()];
    bytes.get(sealed);
    return run(Cipher.DECRYPT_MODE, parts[0], endpoint, nonce, sealed);
  }

  private byte[] run(int mode, String keyId, UUID endpoint, byte[] nonce, byte[] input) {
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(mode, keys.get(keyId), new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(
          ByteBuffer.allocate(16)
              .putLong(endpoint.getMostSignificantBits())
              .putLong(endpoint.getLeastSignificantBits())
              .flip());
      return cipher.doFinal(input);
    } catch (GeneralSecurityException unfit) {
      throw new IllegalStateException("a secret of endpoint " + endpoint + " is unreadable", unfit);
    }
  }
}
