package dev.evenkeel.notifications.webhooks;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
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
 * endpoint. A stored secret is the encryption key's id, a colon and Base64. The first key in the
 * settings encrypts; {@link EncryptionKeyReplacement} moves secrets from older keys to it.
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
      byte[] key = parts.length < 2 ? new byte[0] : decode(parts[1]);
      if (key.length != 32 || keys.put(parts[0], new SecretKeySpec(key, "AES")) != null) {
        // The message must not contain the key. Boot's exceptions for settings show their values.
        throw new IllegalArgumentException(
            "evenkeel.notifications.webhooks.encryption-keys: each must be an id of its own, a"
                + " colon and 32 bytes in Base64");
      }
    }
  }

  private static byte[] decode(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException otherAlphabet) {
      return new byte[0];
    }
  }

  /** Returns whether there is an encryption key, without which no secret can be stored. */
  public boolean isConfigured() {
    return !keys.isEmpty();
  }

  /** Returns the ids of the configured encryption keys. */
  public Set<String> keyIds() {
    return keys.keySet();
  }

  /** Returns the ids of the keys that only decrypt. */
  List<String> olderKeyIds() {
    return keys.keySet().stream().skip(1).toList();
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
      throw new UnreadableSecretException(endpoint, failure);
    }
  }

  /** The secret cannot be decrypted: its key is missing or another one, or it was altered. */
  static final class UnreadableSecretException extends RuntimeException {
    UnreadableSecretException(UUID endpoint, GeneralSecurityException cause) {
      super("The secret of webhook endpoint " + endpoint + " cannot be decrypted", cause);
    }
  }
}
