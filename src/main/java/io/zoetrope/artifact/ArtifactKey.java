package io.zoetrope.artifact;

import io.zoetrope.request.JobId;
import java.util.regex.Pattern;

/// The place of an artifact: deterministic, so that work done twice is written to the same place.
///
/// @param job  whose it is
/// @param name file name: letters, digits, `.`, `_` and `-`, not beginning with a dot
public record ArtifactKey(JobId job, String name) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}");
    private static final int DIGEST_DIGITS = 16;

    public ArtifactKey {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("artifact name '%s', expected %s".formatted(name, NAME));
        }
    }

    /// The text contexts of a plan.
    public static ArtifactKey contexts(JobId job, String planDigest) {
        return of(job, "contexts", planDigest, "safetensors");
    }

    /// The denoised latents of a plan.
    public static ArtifactKey latents(JobId job, String planDigest) {
        return of(job, "latents", planDigest, "safetensors");
    }

    public static ArtifactKey clip(JobId job, String planDigest) {
        return of(job, "clip", planDigest, "mp4");
    }

    public static ArtifactKey contactSheet(JobId job, String planDigest) {
        return of(job, "contact-sheet", planDigest, "png");
    }

    /// The request as it was first received, by which a repeated one is recognised.
    public static ArtifactKey request(JobId job) {
        return new ArtifactKey(job, "request.json");
    }

    /// The fact that ended the job. Whoever writes it first has decided.
    public static ArtifactKey terminal(JobId job) {
        return new ArtifactKey(job, "terminal.json");
    }

    /// `jobs/<job id>/<name>`.
    public String path() {
        return "jobs/" + job + "/" + name;
    }

    @Override
    public String toString() {
        return path();
    }

    private static ArtifactKey of(JobId job, String kind, String digest, String ending) {
        return new ArtifactKey(job, "%s-%s.%s".formatted(kind, digest.substring(0, DIGEST_DIGITS), ending));
    }
}
