package io.zoetrope.plan;

import io.zoetrope.capacity.MemoryDemand;
import io.zoetrope.request.FieldType.Whole;
import io.zoetrope.request.GenerationRequest;
import io.zoetrope.request.Pipeline;
import io.zoetrope.request.Problem;
import io.zoetrope.request.RequestFields;
import io.zoetrope.request.Upsampler;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

/// Size and length of one request's clip, and whether it fits into the device.
final class ClipPlanning {

    private final GenerationRequest request;
    private final ModelDescription model;
    private final ModelDefaults defaults;
    private final ComputeDevice device;
    private final LatentGeometry geometry;
    private final List<Problem> problems;

    ClipPlanning(GenerationRequest request, OfferedModel offered, ComputeDevice device, List<Problem> problems) {
        this.request = request;
        this.model = offered.description();
        this.defaults = offered.defaults();
        this.device = device;
        this.geometry = new LatentGeometry(model);
        this.problems = problems;
    }

    /// The picture; empty if a side or the length is wrong.
    Optional<GenerationPlan.Video> video(Pipeline pipeline, Optional<Upsampler> upsampler) {
        double fps = request.fps().orElse(defaults.fps());
        if (request.outputOrDefault().soundOnly()) {
            request.width().ifPresent(width -> refuseSide("width", width));
            request.height().ifPresent(height -> refuseSide("height", height));
            int frames = frames(fps, upsampler);
            return frames == 0 ? Optional.empty() : Optional.of(geometry.silhouette(frames, fps));
        }
        int width = side(
                "width", request.width().orElse(geometry.onGrid(defaults.width(), upsampler)), pipeline, upsampler);
        int height = side(
                "height", request.height().orElse(geometry.onGrid(defaults.height(), upsampler)), pipeline, upsampler);
        int frames = frames(fps, upsampler);
        return width == 0 || height == 0 || frames == 0
                ? Optional.empty()
                : Optional.of(geometry.video(width, height, frames, fps));
    }

    private void refuseSide(String field, int pixels) {
        refuse(field, "conflict", Integer.toString(pixels), "no " + field + " for sound alone", null);
    }

    /// The picture of the first of two phases.
    GenerationPlan.Video base(GenerationPlan.Video video, Upsampler upsampler) {
        return geometry.base(video, upsampler);
    }

    GenerationPlan.Audio audio(GenerationPlan.Video video) {
        return geometry.audio(video.frames(), video.fps());
    }

    /// How many guidance passes go through the transformer together.
    int passesAtOnce(GenerationPlan.Video video, Guidance guidance, GivenContent given) {
        return new MemoryModel(model, device, given).passesAtOnce(video, audio(video), guidance);
    }

    /// What the stages will need; refused if the largest of them can never fit.
    StageMemory memory(
            GenerationPlan.Video video,
            Optional<Upsampler> upsampler,
            Guidance guidance,
            int passesAtOnce,
            GivenContent given) {
        MemoryModel predicted = new MemoryModel(model, device, given);
        StageMemory memory = predicted.of(video, audio(video), guidance, passesAtOnce);
        if (memory.most() > device.totalBytes()) {
            FittingSize.Test fits = (width, height, frames) -> {
                GenerationPlan.Video other = geometry.video(width, height, frames, video.fps());
                return predicted.of(other, audio(other), guidance, 1).most() <= device.totalBytes();
            };
            int smallestSide = (int) sides(upsampler).least();
            Optional<String> nearest = new FittingSize(
                            fits, geometry.grid(upsampler), smallestSide, geometry.frameGrid(upsampler))
                    .nearest(video.width(), video.height(), video.frames(), shortest(video.fps(), upsampler, given));
            refuseForSize(video, memory, nearest.orElse(null));
        }
        return memory;
    }

    private void refuseForSize(GenerationPlan.Video video, StageMemory memory, String nearest) {
        String needed = MemoryDemand.readable(memory.most());
        String clip = "%dx%d with %d frames, %s for %s"
                .formatted(video.width(), video.height(), video.frames(), needed, memory.mostNeededFor());
        String total = MemoryDemand.readable(device.totalBytes());
        String allowed = "a clip that fits into the %s of %s".formatted(total, device.name());
        refuse("", "does-not-fit", clip, allowed, nearest);
    }

    /// A side in pixels; 0 if it is wrong.
    private int side(String field, int pixels, Pipeline pipeline, Optional<Upsampler> upsampler) {
        Whole sides = sides(upsampler);
        if (sides.contains(pixels)) {
            return pixels;
        }
        String code = pixels < sides.least() || pixels > sides.most() ? "out-of-range" : "off-grid";
        refuse(
                field,
                code,
                Integer.toString(pixels),
                sides.allowed() + " for " + growth(pipeline, upsampler),
                sides.nearest(pixels));
        return 0;
    }

    private static String growth(Pipeline pipeline, Optional<Upsampler> upsampler) {
        return upsampler.map(kind -> "%s with %s".formatted(pipeline, kind)).orElse(pipeline.label());
    }

    private Whole sides(Optional<Upsampler> upsampler) {
        int grid = geometry.grid(upsampler);
        long least = Math.ceilDiv(model.video().smallestSide(), grid) * (long) grid;
        return new Whole(least, RequestFields.SIZE.most() / grid * grid, grid, 0);
    }

    /// Frames of the clip; 0 if they are wrong.
    private int frames(double fps, Optional<Upsampler> upsampler) {
        int scale = geometry.frameGrid(upsampler);
        Whole valid =
                new Whole(shortest(fps, upsampler), (RequestFields.FRAMES.most() - 1) / scale * scale + 1, scale, 1);
        Optional<Double> seconds = request.seconds();
        long frames = seconds.isPresent()
                ? LatentGeometry.framesOf(seconds.get(), fps, scale)
                : request.frames().orElse(geometry.framesOnGrid(defaults.frames(), upsampler));
        if (valid.contains(frames)) {
            return (int) frames;
        }
        String code = frames < valid.least() || frames > valid.most() ? "out-of-range" : "off-grid";
        String allowed = "%s, at %s fps"
                .formatted(
                        valid.allowed(),
                        BigDecimal.valueOf(fps).stripTrailingZeros().toPlainString());
        if (seconds.isPresent()) {
            RoundingMode inwards = frames > valid.most() ? RoundingMode.FLOOR : RoundingMode.CEILING;
            BigDecimal nearest = BigDecimal.valueOf(frames > valid.most() ? valid.most() : valid.least())
                    .divide(BigDecimal.valueOf(fps), 2, inwards);
            refuse(
                    "seconds",
                    code,
                    "%s, %d frames".formatted(seconds.get(), frames),
                    "a time that gives " + allowed,
                    nearest.toPlainString());
        } else {
            refuse("frames", code, Long.toString(frames), allowed, valid.nearest(frames));
        }
        return 0;
    }

    /// The fewest frames whose sound has a latent frame and that have all frames for which something is given.
    private int shortest(double fps, Optional<Upsampler> upsampler, GivenContent given) {
        int grid = geometry.frameGrid(upsampler);
        return Math.max(shortest(fps, upsampler), Math.ceilDiv(given.lastFrame(), grid) * grid + 1);
    }

    /// The fewest frames whose sound has a latent frame.
    private int shortest(double fps, Optional<Upsampler> upsampler) {
        int frames = 1;
        while (geometry.audioLatentFrames(frames, fps) < 1) {
            frames += geometry.frameGrid(upsampler);
        }
        return frames;
    }

    private void refuse(String field, String code, String value, String allowed, String nearest) {
        problems.add(new Problem(field, code, value, allowed, nearest));
    }
}
