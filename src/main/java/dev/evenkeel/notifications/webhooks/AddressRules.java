package dev.evenkeel.notifications.webhooks;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Tells public IP addresses from those of this machine, private networks and reserved ranges. */
final class AddressRules {

  /** Azure's 168.63.129.16: a public address that answers to virtual machines only. */
  private static final byte[] AZURE_PLATFORM = {(byte) 168, 63, (byte) 129, 16};

  /** A host that resolvers read as an IPv4 address, because its last part is a number. */
  private static final Pattern NUMERIC = Pattern.compile("(?i)(.*\\.)?([0-9]+|0x[0-9a-f]*)\\.?");

  private static final Pattern DOTTED_DECIMAL =
      Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

  private AddressRules() {}

  /**
   * Returns whether a host is an IPv4 address in an unusual form, such as {@code 127.1}, {@code
   * 0x7f000001} or {@code 0177.0.0.1}. Programs disagree on what such a host means.
   */
  static boolean isAmbiguous(String host) {
    return NUMERIC.matcher(host).matches() && !DOTTED_DECIMAL.matcher(host).matches();
  }

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
    boolean carrierGradeNat = first == 100 && second >= 64 && second < 128;
    boolean ietfProtocols = first == 192 && second == 0 && a[2] == 0;
    boolean benchmarking = first == 198 && (second & 0xfe) == 18;
    boolean azurePlatform = Arrays.equals(a, AZURE_PLATFORM);
    boolean reserved = first >= 240;
    return !thisNetwork
        && !carrierGradeNat
        && !ietfProtocols
        && !benchmarking
        && !azurePlatform
        && !reserved;
  }

  private static boolean isPublic(Inet6Address address) {
    byte[] a = address.getAddress();
    boolean uniqueLocal = (a[0] & 0xfe) == 0xfc;
    boolean localNat64 = startsWith(a, 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01);
    if (uniqueLocal || localNat64) {
      return false;
    }
    // An address that embeds an IPv4 address is public if that one is. Here: IPv4-compatible,
    // IPv4-mapped (which Java converts in literals, but not in DNS answers), and NAT64.
    if (startsWith(a, new int[8]) || startsWith(a, 0x00, 0x64, 0xff, 0x9b)) {
      return isPublic(v4(a, 12, 0));
    }
    boolean sixToFour = startsWith(a, 0x20, 0x02);
    if (sixToFour) {
      return isPublic(v4(a, 2, 0));
    }
    boolean teredo = startsWith(a, 0x20, 0x01, 0x00, 0x00);
    if (teredo) {
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

  /** Extracts an embedded IPv4 address; Teredo inverts the bits of the client's. */
  private static InetAddress v4(byte[] address, int from, int mask) {
    byte[] bytes = Arrays.copyOfRange(address, from, from + 4);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= (byte) mask;
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException("four bytes are always an address", impossible);
    }
  }
}
