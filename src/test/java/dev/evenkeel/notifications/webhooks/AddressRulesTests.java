package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Only public addresses of the internet are allowed. */
class AddressRulesTests {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.192",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "::1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        // embedded IPv4 addresses: mapped, compatible, NAT64, 6to4, Teredo, ISATAP
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::8.8.8.8",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:a00:1::",
        "2001:0:808:808::f5ff:fffe",
        "2a00::5efe:10.0.0.1",
        "2a00::200:5efe:192.168.0.1"
      })
  void notPublic(String address) throws UnknownHostException {
    assertThat(AddressRules.isPublic(InetAddress.getByName(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8.8.8.8",
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.255.255",
        "198.20.0.1",
        "169.253.0.1",
        "2606:4700::1111",
        "2a00:1450::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
        "2001:0:808:808::f7f7:f7f7",
        "2a00::5efe:8.8.8.8"
      })
  void isPublic(String address) throws UnknownHostException {
    assertThat(AddressRules.isPublic(InetAddress.getByName(address))).isTrue();
  }

  /** In DNS answers; Java converts literals to IPv4 addresses itself. */
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
  void embeddedAddressCounts(String bytes, boolean isPublic) throws UnknownHostException {
    byte[] address = HexFormat.of().parseHex(bytes.replace(" ", ""));

    assertThat(AddressRules.isPublic(Inet6Address.getByAddress(null, address, -1)))
        .isEqualTo(isPublic);
  }
}
