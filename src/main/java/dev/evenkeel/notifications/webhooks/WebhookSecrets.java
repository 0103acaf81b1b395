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
 * Generates signing secrets and encrypts them for storage, with AES-GCM and bound to their
 * endpoint. A stored secret is the encryption key's id, a colon and Base64. To replace a key, put
 * the new one before it in the settings, and keep the old one while secrets are encrypted with it.
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
        // The message must not contain the key.
        throw new IllegalArgumentException(
            "evenkeel.notifications.webhooks.encryption-keys: each must be an id, a colon and 32"
                + " bytes in Base64");
      }
      keys.put(parts[0], new SecretKeySpec(key, "AES"));
    }
  }

  /** Returns whether there is an encryption key, without which no secret can be stored. */
  public boolean isConfigured() {
    return !keys.isEmpty();
  }

  Set<String> keyIds() {
    return keys.keySet();
  }

  public byte[] generate() {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return secret;
  }

  /** Formats a secret as its owner sees it, according to Standard Webhooks. */
  public static String format(byte[] secret) {
    return "whsec_" + Base64.getEncoder().encodeToString(secret);
  }

  public String encrypt(UUID endpoint, byte[] secret) {
    String keyId = keys.keySet().iterator().next();
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] encrypted = run(Cipher.ENCRYPT_MODE, keyId, endpoint, nonce, secret);
    byte[] stored =
        ByteBuffer.allocate(nonce.length + encrypted.length).put(nonce).put(encrypted).array();
    return keyId + ":" + Base64.getEncoder().encodeToString(stored);
  }

  byte[] decrypt(UUID endpoint, String stored) {
    String[] parts = stored.split(":", 2);
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(parts[1]));
    byte[] nonce = new byte[NONCE_BYTES];
    bytes.get(nonce);
    byte[] encrypted = new byte[bytes.remaining()];
    bytes.get(encrypted);
    return run(Cipher.DECRYPT_MODE, parts[0], endpoint, nonce, encrypted);
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
    } catch (GeneralSecurityException failure) {
      throw new IllegalStateException("unreadable secret of endpoint " + endpoint, failure);
    }
  }
}
