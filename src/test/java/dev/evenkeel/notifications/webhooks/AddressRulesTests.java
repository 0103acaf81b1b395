package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Only public addresses of the internet are allowed. */
class AddressRulesTests {

  @ParameterizedTest
  @CsvSource({
    "this network, 0.0.0.0 0.1.2.3 ::",
    "loopback, 127.0.0.1 127.1.2.3 ::1",
    "private, 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 fc00::1 fd12:3456::1 fec0::1",
    "link-local, 169.254.169.254 fe80::1",
    "carrier-grade NAT, 100.64.0.1 100.100.100.200 100.127.255.255",
    "Azure's platform, 168.63.129.16 ::ffff:168.63.129.16",
    "IETF protocols, 192.0.0.192",
    "benchmarking, 198.18.0.1 198.19.255.255",
    "multicast, 224.0.0.1 ff02::1",
    "reserved, 240.0.0.1 255.255.255.255",
    "IPv4-mapped, ::ffff:127.0.0.1 ::ffff:10.0.0.1",
    "IPv4-compatible, ::10.0.0.1",
    "NAT64, 64:ff9b::10.0.0.1 64:ff9b:1::8.8.8.8",
    "6to4, 2002:7f00:1:: 2002:a00:1::1",
    "Teredo, 2001:0:a00:1:: 2001:0:808:808::f5ff:fffe",
    "ISATAP, 2a00::5efe:10.0.0.1 2a00::200:5efe:192.168.0.1"
  })
  void rejects(String range, String addresses) throws UnknownHostException {
    for (String address : addresses.split(" ")) {
      assertThat(isPublic(address)).as(address).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "IPv4, 8.8.8.8 1.1.1.1",
    "neighbours of other ranges, 100.63.255.255 100.128.0.1 172.32.0.1 192.0.1.1 169.253.0.1 168.63.129.17",
    "neighbours of benchmarking, 198.17.255.255 198.20.0.1",
    "IPv6, 2606:4700::1111 2a00:1450::1",
    "embedded, ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1 2a00::5efe:8.8.8.8",
    "Teredo, 2001:0:808:808::f7f7:f7f7"
  })
  void accepts(String range, String addresses) throws UnknownHostException {
    for (String address : addresses.split(" ")) {
      assertThat(isPublic(address)).as(address).isTrue();
    }
  }

  private static boolean isPublic(String address) throws UnknownHostException {
    return AddressRules.isPublic(InetAddress.getByName(address));
  }

  /** IPv4-mapped addresses as in DNS answers; Java converts literals to IPv4 itself. */
  @ParameterizedTest
  @CsvSource({
    "00000000000000000000ffff 7f000001, false",
    "00000000000000000000ffff a9fea9fe, false",
    "00000000000000000000ffff 0a000001, false",
    "00000000000000000000ffff 08080808, true",
    "0000000000000000ffff0000 7f000001, false",
    "0000000000000000ffff0000 a9fea9fe, false",
    "0000000000000000ffff0000 08080808, true"
  })
  void embeddedAddressDecides(String bytes, boolean isPublic) throws UnknownHostException {
    byte[] address = HexFormat.of().parseHex(bytes.replace(" ", ""));

    assertThat(AddressRules.isPublic(Inet6Address.getByAddress(null, address, -1)))
        .isEqualTo(isPublic);
  }

  @ParameterizedTest
  @CsvSource({
    "127.1, true",
    "2130706433, true",
    "0x7f000001, true",
    "0X7F.0.0.1, true",
    "0177.0.0.1, true",
    "127.0.0.01, true",
    "127.0.0.1., true",
    "example.0x, true",
    "127.0.0.1, false",
    "256.0.0.1, false",
    "1.example, false",
    "example.com, false",
    "[::1], false"
  })
  void recognizesUnusualLiterals(String host, boolean isAmbiguous) {
    assertThat(AddressRules.isAmbiguous(host)).isEqualTo(isAmbiguous);
  }
}
