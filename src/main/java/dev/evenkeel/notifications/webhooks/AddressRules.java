package dev.evenkeel.notifications.webhooks;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Which addresses are the world's: not this machine's, not those of a private network. */
final class AddressRules {

  private AddressRules() {}

  static boolean isPublic(InetAddress address) {
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    return switch (address) {
      case Inet4Address v4 -> isPublic(v4);
      case Inet6Address v6 -> isPublic(v6);
      default -> false;
    };
  }

  private static boolean isPublic(Inet4Address address) {
    byte[] a = address.getAddress();
    int first = a[0] & 0xff;
    int second = a[1] & 0xff;
    boolean thisNetwork = first == 0;
    boolean carriers = first == 100 && second >= 64 && second < 128;
    boolean protocols = first == 192 && second == 0 && a[2] == 0;
    boolean benchmarks = first == 198 && (second & 0xfe) == 18;
    boolean reserved = first >= 240;
    return !thisNetwork && !carriers && !protocols && !benchmarks && !reserved;
  }

  private static boolean isPublic(Inet6Address address) {
    byte[] a = address.getAddress();
    boolean uniqueLocal = (a[0] & 0xfe) == 0xfc;
    boolean localTranslation = startsWith(a, 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01);
    if (uniqueLocal || localTranslation) {
      return false;
    }
    // What wraps an address of version 4 is what it wraps. Compatible, mapped and translated ones
    // begin with zeros: a resolver, unlike a literal, gives a mapped one as it is.
    if (startsWith(a, new int[8]) || startsWith(a, 0x00, 0x64, 0xff, 0x9b)) {
      return isPublic(v4(a, 12, 0));
    }
    if (startsWith(a, 0x20, 0x02)) {
      return isPublic(v4(a, 2, 0));
    }
    if (startsWith(a, 0x20, 0x01, 0x00, 0x00)) {
      return isPublic(v4(a, 4, 0)) && isPublic(v4(a, 12, 0xff));
    }
    boolean isatap = (a[8] & 0xfd) == 0 && a[9] == 0 && a[10] == 0x5e && (a[11] & 0xff) == 0xfe;
    return !isatap || isPublic(v4(a, 12, 0));
  }

  private static boolean startsWith(byte[] address, int... prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if ((address[i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static InetAddress v4(byte[] address, int from, int mask) {
    byte[] bytes = Arrays.copyOfRange(address, from, from + 4);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= (byte) mask;
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException never) {
      throw new IllegalStateException("four bytes are an address", never);
    }
  }
}
