package io.zoetrope.artifact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.zoetrope.request.JobId;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactKeyTest {

    private static final JobId JOB = new JobId("a-job");
    private static final String PLAN = "0123abcd";

    @Test
    void theKeysOfAJobDependOnJobAndPlanAlone() {
        assertEquals("jobs/a-job/request.json", ArtifactKey.requestOf(JOB).value());
        assertEquals("jobs/a-job/terminal.json", ArtifactKey.terminalOf(JOB).value());
        assertEquals(
                "jobs/a-job/contexts-0123abcd.safetensors",
                ArtifactKey.contextsOf(JOB, PLAN).value());
        assertEquals(
                "jobs/a-job/latents-0123abcd.safetensors",
                ArtifactKey.latentsOf(JOB, PLAN).value());
        assertEquals(
                "jobs/a-job/checkpoint-0007-0123abcd.safetensors",
                ArtifactKey.checkpointOf(JOB, PLAN, 7).value());
        assertEquals(
                "jobs/a-job/clip-0123abcd.mp4", ArtifactKey.clipOf(JOB, PLAN).value());
        assertEquals(
                "jobs/a-job/contact-sheet-0123abcd.png",
                ArtifactKey.contactSheetOf(JOB, PLAN).value());
    }

    @Test
    void theEndingSaysWhatItIs() {
        assertEquals("video/mp4", ArtifactKey.clipOf(JOB, PLAN).mediaType());
        assertEquals("image/png", ArtifactKey.contactSheetOf(JOB, PLAN).mediaType());
        assertEquals("application/json", ArtifactKey.terminalOf(JOB).mediaType());
        assertEquals(
                "application/octet-stream", ArtifactKey.latentsOf(JOB, PLAN).mediaType());
        assertEquals("application/octet-stream", new ArtifactKey("inputs/sound").mediaType());
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "/",
                "/etc/passwd",
                "jobs/",
                "jobs//a",
                "..",
                "../a",
                "jobs/../../a",
                "jobs/./a",
                "jobs/.hidden",
                "jobs/a/..",
                "jobs\\a",
                "jobs/a b",
                "jobs/a%2e%2e/b",
                "jobs/a\u0000",
                "jobs/ä",
                "jobs/a\n",
                "C:/a",
                "~/a"
            })
    void whatCouldClimbOrHideIsRefused(String value) {
        String said = assertThrows(IllegalArgumentException.class, () -> new ArtifactKey(value))
                .getMessage();
        assertTrue(said.contains("'" + value + "'"), said);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "abc", "../../etc", "0123ABCD", "0123abcg"})
    void aPlanDigestIsHexadecimal(String digest) {
        assertThrows(IllegalArgumentException.class, () -> ArtifactKey.clipOf(JOB, digest));
    }

    @Test
    void keysHaveALongestLength() {
        assertEquals(512, new ArtifactKey("a".repeat(512)).value().length());
        assertThrows(IllegalArgumentException.class, () -> new ArtifactKey("a".repeat(513)));
    }

    @Test
    void addressesAreBelowTheirBase() {
        ArtifactKey key = ArtifactKey.clipOf(JOB, PLAN);
        URI expected = URI.create("http://worker:8080/artifacts/jobs/a-job/clip-0123abcd.mp4");

        assertEquals(
                expected,
                ArtifactUrls.below(URI.create("http://worker:8080/artifacts")).of(key));
        assertEquals(
                expected,
                ArtifactUrls.below(URI.create("http://worker:8080/artifacts/")).of(key));
        for (String wrong : new String[] {"/artifacts", "worker:8080", "http://worker/?a=b"}) {
            assertThrows(IllegalArgumentException.class, () -> ArtifactUrls.below(URI.create(wrong)));
        }
    }
}
