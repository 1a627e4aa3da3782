package io.zoetrope.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which addresses fall under a prefix, and which only seem to.
class AllowedSourcesTest {

    private static final String FIELD = "conditions[2].source";

    private static final AllowedSources ALLOWED = AllowedSources.of(
            List.of("https://media.example.com/inputs", "http://media.example.com:8080/", "file:/data/inputs/"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://media.example.com/inputs",
                "https://media.example.com/inputs/a.png",
                "https://media.example.com:443/inputs/a.png?token=x#y",
                "HTTPS://Media.Example.COM/inputs/a%20b.png",
                "https://media.example.com/inputs//a.png",
                "https://media.example.com/inputs/a..b/.c",
                "http://media.example.com:8080/anything",
                "file:/data/inputs/a.png",
                "file:///data/inputs/a/b.png"
            })
    void whatBeginsWithAPrefixIsAllowed(String source) {
        assertEquals(source, ALLOWED.require(FIELD, source).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://media.example.com/inputs2/a.png",
                "https://media.example.com/input",
                "https://media.example.com/",
                "https://media.example.com",
                "http://media.example.com/inputs/a.png",
                "https://media.example.com:8443/inputs/a.png",
                "https://media.example.com.evil.org/inputs/a.png",
                "https://evil.org/inputs/a.png",
                "https://media.example.com@evil.org/inputs/a.png",
                "https://user:secret@media.example.com/inputs/a.png",
                "https://media.example.com/inputs/../secret",
                "https://media.example.com/inputs/./../secret",
                "https://media.example.com/inputs/%2e%2e/secret",
                "https://media.example.com/inputs/%2E./secret",
                "https://media.example.com/inputs/a%2f..%2fsecret",
                "https://media.example.com/inputs/..%5csecret",
                "https://media.example.com/inputs/a%00.png",
                "https:/inputs/a.png",
                "https:inputs/a.png",
                "https://media_example.com/inputs/a.png",
                "ftp://media.example.com/inputs/a.png",
                "jar:file:/data/inputs/a.jar!/b",
                "file:/data/inputs",
                "file:/data/inputs/../secret",
                "file:/etc/passwd",
                "file://media.example.com/data/inputs/a.png",
                "file:data/inputs/a.png",
                "data:image/png;base64,AAAA",
                "//media.example.com/inputs/a.png",
                "/data/inputs/a.png",
                "a b",
                ""
            })
    void whatOnlySeemsToIsRefused(String source) {
        var refusal = assertThrows(MediaSourceException.class, () -> ALLOWED.require(FIELD, source));
        assertFalse(refusal.retryable());
        assertTrue(refusal.getMessage().startsWith(FIELD + ": "), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("https://media.example.com/inputs"), refusal.getMessage());
    }

    @Test
    void messagesKeepSecrets() {
        for (String source : List.of(
                "https://user:secret@example.org/a.png",
                "https://example.org/a.png?signature=secret",
                "https://example.org/a.png#secret",
                "https://user:secret@exa_mple.org/a.png",
                "nonsense secret?")) {
            var refusal = assertThrows(MediaSourceException.class, () -> ALLOWED.require(FIELD, source));
            assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
            assertEquals(null, refusal.getCause());
        }
    }

    @Test
    void nothingIsAllowedUnlessSaid() {
        var refusal = assertThrows(
                MediaSourceException.class, () -> AllowedSources.of(List.of()).require(FIELD, "file:/data/a.png"));
        assertEquals(FIELD + ": file:/data/a.png is not allowed; allowed are keys of artifacts", refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/data",
                "data",
                "ftp://host/",
                "https:/path",
                "https://host",
                "https://host/a?b",
                "https://host/#a",
                "https://user:secret@host/",
                "file://host/a",
                "file:a",
                "https://host/a/../b",
                "a b",
                "s3://bucket/a"
            })
    void prefixesThatAreNoneAreRefusedAtTheStart(String prefix) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> AllowedSources.of(List.of(prefix)));
        assertTrue(refusal.getMessage().startsWith("zoetrope.media.allowed has '"), refusal.getMessage());
        assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.9.9.9",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "0.0.0.0",
                "0.1.2.3",
                "192.0.0.8",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fd00::1",
                "fc00::1",
                "ff02::1",
                "::ffff:10.0.0.1",
                "64:ff9b::a00:1"
            })
    void addressesOfPrivateNetworksAreKnown(String address) throws UnknownHostException {
        assertTrue(PrivateAddresses.isPrivate(InetAddress.getByName(address)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "172.15.0.1",
                "172.32.0.1",
                "100.63.0.1",
                "100.128.0.1",
                "198.20.0.1",
                "2001:4860::8888"
            })
    void addressesOfTheWorldAreNot(String address) throws UnknownHostException {
        assertFalse(PrivateAddresses.isPrivate(InetAddress.getByName(address)));
    }
}
