package io.tollgate.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TargetGuardTest {
    private static final TargetGuard STRICT = new TargetGuard(false, List.of());
    private static final TargetGuard LENIENT = new TargetGuard(true, List.of());

    private static TargetGuard allowing(String... hosts) {
        return new TargetGuard(
                false, List.of(hosts).stream().map(AllowedHost::parse).toList());
    }

    private static InetAddress ip(String text) {
        return IpLiteral.read(text).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.com",
                "https://example.com/hook?key=1&b=%20",
                "http://example.com/hook",
                "HTTPS://Example.COM./hook",
                "https://example.com:8443/",
                "http://example.com:80/",
                "https://8.8.8.8/hook",
                "https://1.1.1.1:443/",
                "https://172.15.255.255/",
                "https://172.32.0.1/",
                "https://100.63.255.255/",
                "https://100.128.0.1/",
                "https://[2606:4700:4700::1111]/",
                "https://[::ffff:8.8.8.8]/",
                "https://[64:ff9b::808:808]/",
                "https://[2002:808:808::1]/",
                "https://xn--bcher-kva.example.org/",
                "https://127.0.0.1.example.com/",
            })
    void check_publicAddress_isTaken(String address) {
        assertThatCode(() -> STRICT.check(address)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // not the web, or more than an address
                "",
                "example.com/hook",
                "//example.com/hook",
                "ftp://example.com/",
                "file:///etc/passwd",
                "gopher://example.com/",
                "https:///hook",
                "https://",
                "https://user@example.com/",
                "https://user:password@example.com/",
                "https://example.com@127.0.0.1/",
                "https://example.com/#part",
                "https://exa mple.com/",
                "https://example.com\\@127.0.0.1/",
                "https://ex\u00e4mple.com/",
                "https://\uff11\uff12\uff17.0.0.1/",
                "https://%31%32%37.0.0.1/",
                // ports
                "https://example.com:0/",
                "https://example.com:22/",
                "https://example.com:25/",
                "https://example.com:65536/",
                "https://example.com:99999999999/",
                "https://example.com:-1/",
                // names of networks
                "http://localhost/",
                "http://LOCALHOST:8080/",
                "http://localhost./",
                "http://a.localhost/",
                "http://printer.local/",
                "http://metadata.google.internal/computeMetadata/v1/",
                "http://router.lan/",
                "http://nas.home.arpa/",
                "http://intranet/",
                // IPv4
                "http://127.0.0.1/",
                "http://127.255.255.254/",
                "http://127.0.0.1./",
                "http://0.0.0.0/",
                "http://0.1.2.3/",
                "http://10.0.0.1/",
                "http://10.255.255.255/",
                "http://172.16.0.1/",
                "http://172.31.255.255/",
                "http://192.168.1.1/",
                "http://100.64.0.1/",
                "http://100.127.255.255/",
                "http://169.254.1.1/",
                "http://169.254.169.254/latest/meta-data/",
                "http://100.100.100.200/",
                "http://168.63.129.16/",
                "http://192.0.0.1/",
                "http://192.0.2.1/",
                "http://198.18.0.1/",
                "http://198.51.100.1/",
                "http://203.0.113.1/",
                "http://224.0.0.1/",
                "http://239.255.255.250/",
                "http://240.0.0.1/",
                "http://255.255.255.255/",
                // IPv4 in disguise
                "http://2130706433/",
                "http://017700000001/",
                "http://0x7f000001/",
                "http://0x7f.0.0.1/",
                "http://0x7f.1/",
                "http://127.1/",
                "http://127.0.1/",
                "http://0177.0.0.1/",
                "http://0/",
                "http://127.0.0.01/",
                "http://134744072/",
                "http://1.2.3.4.5/",
                "http://256.1.1.1/",
                "http://example.0x7f/",
                // IPv6
                "http://[::1]/",
                "http://[::]/",
                "http://[0:0:0:0:0:0:0:1]/",
                "http://[::ffff:127.0.0.1]/",
                "http://[::ffff:7f00:1]/",
                "http://[0:0:0:0:0:ffff:10.0.0.1]/",
                "http://[::127.0.0.1]/",
                "http://[::ffff:0:127.0.0.1]/",
                "http://[64:ff9b::7f00:1]/",
                "http://[64:ff9b::169.254.169.254]/",
                "http://[64:ff9b:1::1]/",
                "http://[2002:7f00:1::]/",
                "http://[2002:a9fe:a9fe::1]/",
                "http://[2001:0:53aa:64c::1]/",
                "http://[2001:db8::1]/",
                "http://[3fff::1]/",
                "http://[fc00::1]/",
                "http://[fd00:ec2::254]/",
                "http://[fe80::1]/",
                "http://[fe80::1%25eth0]/",
                "http://[fec0::1]/",
                "http://[ff02::1]/",
                "http://[100::1]/",
                "http://[5f00::1]/",
            })
    void check_forbiddenAddress_isRefusedWithAReason(String address) {
        assertThatThrownBy(() -> STRICT.check(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("this is no address for a webhook: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:8080/", "http://localhost:8080/", "http://10.0.0.1/", "http://[::1]/",
                "http://[fd12::1]/", "http://intranet/", "http://169.254.1.1/", "http://example.com/",
            })
    void check_privateAddressThatTheOperatorAllows_isTaken(String address) {
        assertThatCode(() -> LENIENT.check(address)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/",
                "http://[fd00:ec2::254]/",
                "http://[::ffff:169.254.169.254]/",
                "http://0.0.0.0/",
                "http://[::]/",
                "http://224.0.0.1/",
                "http://0x7f.1/",
                "http://127.0.0.1:22/",
            })
    void check_whatNobodyMeansByPrivate_isRefusedEvenThen(String address) {
        assertThatThrownBy(() -> LENIENT.check(address)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void check_hostOnTheList_isTaken() {
        assertThatCode(() -> allowing("127.0.0.0/8").check("http://127.0.0.5:81/"))
                .doesNotThrowAnyException();
        assertThatCode(() -> allowing("::1").check("http://[::1]/")).doesNotThrowAnyException();
        assertThatCode(() -> allowing("hooks.internal").check("http://Hooks.Internal:81/"))
                .doesNotThrowAnyException();
    }

    @Test
    void check_neighborOfAHostOnTheList_isRefused() {
        assertThatThrownBy(() -> allowing("127.0.0.0/30").check("http://127.0.0.5/"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> allowing("hooks.internal").check("http://a.hooks.internal/"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> allowing("10.0.0.0/8").check("http://localhost/"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void target_checkedAddress_saysWhatIsSent() {
        assertThat(STRICT.target("HTTPS://Example.COM.:8443")).hasToString("https://example.com:8443/");
        assertThat(STRICT.target("http://example.com/a%2Fb?c=d")).hasToString("http://example.com/a%2Fb?c=d");
    }

    @Test
    void admit_publicAddresses_areAllGiven() throws Exception {
        List<InetAddress> found = List.of(ip("8.8.8.8"), ip("2606:4700::1"));

        assertThat(STRICT.admit("example.com", found)).isEqualTo(found);
    }

    @Test
    void admit_onePrivateAddressAmongPublicOnes_refusesAll() {
        assertThatThrownBy(() -> STRICT.admit("example.com", List.of(ip("8.8.8.8"), ip("127.0.0.1"))))
                .isInstanceOf(ForbiddenTargetException.class)
                .message()
                .doesNotContain("127.0.0.1");
    }

    @Test
    void admit_privateAddressOfANameOnTheList_isGiven() throws Exception {
        assertThat(allowing("hooks.internal").admit("hooks.internal", List.of(ip("10.0.0.7"))))
                .hasSize(1);
        assertThat(allowing("10.0.0.0/8").admit("example.com", List.of(ip("10.0.0.7"))))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "a b", "0x7f.1", "::1/129", "-a.com", "a/8"})
    void allowedHost_neitherNameNorBlock_isRefused(String text) {
        assertThatThrownBy(() -> AllowedHost.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
