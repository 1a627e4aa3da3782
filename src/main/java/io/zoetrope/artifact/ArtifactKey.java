package io.zoetrope.artifact;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.zoetrope.request.JobId;
import java.util.regex.Pattern;

/// Where an artifact lies, the same in every store: clean path segments joined by `/`, relative to the store's root.
///
/// What a job makes lies below `jobs/<job id>/`, under names that depend on the job and its plan alone, so that a
/// repeated stage writes the same thing to the same place.
///
/// @param value 1 to 512 characters; each segment of letters, digits, `.`, `_` or `-`, not beginning with
///              `.`: no segment can climb or hide
public record ArtifactKey(@JsonValue String value) {

    private static final int LONGEST = 512;
    private static final String SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9._-]*";
    private static final Pattern FORM = Pattern.compile(SEGMENT + "(/" + SEGMENT + ")*");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{8,64}");
    private static final String JOBS = "jobs/";

    @JsonCreator
    public ArtifactKey {
        if (!isValid(value)) {
            throw new IllegalArgumentException(
                    "artifact key '%s', expected at most %d characters, segments of letters,".formatted(value, LONGEST)
                            + " digits, '.', '_', '-' that do not begin with '.', joined by '/'");
        }
    }

    public static boolean isValid(String value) {
        return value != null && value.length() <= LONGEST && FORM.matcher(value).matches();
    }

    /// The request as it was accepted.
    public static ArtifactKey requestOf(JobId job) {
        return of(job, "request.json");
    }

    /// The end of the job: whoever writes this first decides it.
    public static ArtifactKey terminalOf(JobId job) {
        return of(job, "terminal.json");
    }

    /// The text contexts, result of the first stage.
    public static ArtifactKey contextsOf(JobId job, String planDigest) {
        return of(job, "contexts", planDigest, "safetensors");
    }

    /// The denoised latents, result of the second stage.
    public static ArtifactKey latentsOf(JobId job, String planDigest) {
        return of(job, "latents", planDigest, "safetensors");
    }

    /// Latents on their way, after a step of denoising.
    ///
    /// @param step how many steps are done
    public static ArtifactKey checkpointOf(JobId job, String planDigest, int step) {
        if (step < 1) {
            throw new IllegalArgumentException("step %d of job %s, expected 1 or more".formatted(step, job));
        }
        return of(job, "checkpoint-%04d".formatted(step), planDigest, "safetensors");
    }

    /// The clip.
    public static ArtifactKey clipOf(JobId job, String planDigest) {
        return of(job, "clip", planDigest, "mp4");
    }

    /// The sound of a clip without picture.
    public static ArtifactKey soundOf(JobId job, String planDigest) {
        return of(job, "sound", planDigest, "wav");
    }

    /// All frames side by side.
    public static ArtifactKey contactSheetOf(JobId job, String planDigest) {
        return of(job, "contact-sheet", planDigest, "png");
    }

    /// Something else that belongs to a job.
    ///
    /// @param name one segment
    public static ArtifactKey of(JobId job, String name) {
        return new ArtifactKey(folderOf(job) + name);
    }

    /// What the keys of a job begin with, for [ArtifactStore#list].
    public static String folderOf(JobId job) {
        return JOBS + job + "/";
    }

    private static ArtifactKey of(JobId job, String what, String planDigest, String extension) {
        if (planDigest == null || !DIGEST.matcher(planDigest).matches()) {
            throw new IllegalArgumentException(
                    "plan digest '%s' of job %s, expected %s".formatted(planDigest, job, DIGEST));
        }
        return of(job, "%s-%s.%s".formatted(what, planDigest, extension));
    }

    /// The last segment.
    public String name() {
        return value.substring(value.lastIndexOf('/') + 1);
    }

    /// What the name's ending says it is.
    public String mediaType() {
        String name = name();
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "mp4" -> "video/mp4";
            case "wav" -> "audio/wav";
            case "png" -> "image/png";
            case "json" -> "application/json";
            default -> "application/octet-stream";
        };
    }

    @Override
    public String toString() {
        return value;
    }
}
