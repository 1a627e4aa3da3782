package io.zoetrope.verify;

import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Device;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/// Compares results with a golden case by the rules that hold for all of them: same names and shapes, no NaN, and
/// `|ours - theirs| <= atol + rtol · |theirs|` for every element.
final class Judge {

    /// Rounding may take a colour level up or down.
    private static final double LEVEL = 1;
    /// How much further from the fp32 yardstick than the reference's own bf16 result a bf16 result may be on
    /// average.
    private static final double YARDSTICK_RATIO = 1.5;

    /// Depends on the encoder at hand, so its distance from the reference's encoder is told and not judged.
    private static final String INFORMATIONAL = "image-preprocess/recompress";

    private static final double BRIGHTEST = 255;

    private final GoldenCase golden;
    private final Map<String, Tensor> results;

    private boolean passed = true;
    private double absolute;
    private double relative;
    private double used;
    private String worst = "-";
    private final Set<String> remarks = new LinkedHashSet<>();

    private Judge(GoldenCase golden, Map<String, Tensor> results) {
        this.golden = golden;
        this.results = results;
    }

    static Verdict judge(GoldenCase golden, Map<String, Tensor> results, Duration duration) {
        Judge judge = new Judge(golden, results);
        judge.outputs();
        if (!judge.passed) {
            judge.firstStray();
        }
        return new Verdict(
                golden.header(),
                judge.passed,
                judge.absolute,
                judge.relative,
                judge.used,
                judge.worst,
                String.join("; ", judge.remarks),
                duration);
    }

    private void outputs() {
        SortedMap<String, Tensor> expected = golden.outputs();
        boolean wholeRunInBf16 = golden.params().has("relative_l2_bound");
        expected.forEach((name, theirs) -> {
            try (TensorScope _ = TensorScope.open()) {
                Tensor ours = results.get(name);
                if (wholeRunInBf16 && !name.endsWith("latent")) {
                    remarks.add("latents judged by relative distance");
                } else if (ours == null) {
                    incomparable(name, name + " was not produced");
                } else if (!Arrays.equals(ours.shape(), theirs.shape())) {
                    incomparable(
                            name,
                            "%s is %s, expected %s"
                                    .formatted(name, Tensor.describe(ours.shape()), Tensor.describe(theirs.shape())));
                } else if (!finite(judged(ours))) {
                    incomparable(name, name + " holds NaN or infinity");
                } else if (INFORMATIONAL.equals(golden.header().toString())) {
                    likeness(name, ours, theirs);
                } else if (wholeRunInBf16) {
                    distance(name, ours, theirs);
                } else {
                    elements(name, ours, theirs);
                }
            }
        });
    }

    private void elements(String name, Tensor ours, Tensor theirs) {
        boolean levels = theirs.type() == DataType.UINT8;
        double[] mine = judged(ours).toDoubleArray();
        double[] reference = judged(theirs).toDoubleArray();
        double greatest = 0;
        double greatestReference = 0;
        double share = 0;
        boolean within = true;
        for (int i = 0; i < mine.length; i++) {
            double difference = Math.abs(mine[i] - reference[i]);
            double allowed = levels ? LEVEL : allowed(reference[i]);
            within &= difference <= allowed;
            share = Math.max(share, difference == 0 ? 0 : difference / allowed);
            greatest = Math.max(greatest, difference);
            greatestReference = Math.max(greatestReference, Math.abs(reference[i]));
        }
        if (levels && within) {
            remarks.add("%s: at most %.0f colour level off".formatted(name, greatest));
            return; // rounding says nothing beside differences of real numbers
        }
        used = Math.max(used, share);
        note(name, greatest, greatestReference);
        if (!within && !closeToYardstick(name, ours, theirs)) {
            fail(name, name + " is out of tolerance");
        }
    }

    private void likeness(String name, Tensor ours, Tensor theirs) {
        double[] mine = ours.toDoubleArray();
        double[] reference = theirs.toDoubleArray();
        double squares = 0;
        double greatest = 0;
        for (int i = 0; i < mine.length; i++) {
            double difference = Math.abs(mine[i] - reference[i]);
            squares += difference * difference;
            greatest = Math.max(greatest, difference);
        }
        note(name, greatest, BRIGHTEST);
        used = Double.NaN;
        double ratio = 10 * Math.log10(BRIGHTEST * BRIGHTEST * mine.length / squares);
        remarks.add("informational");
        remarks.add("%s PSNR %.1f dB".formatted(name, ratio));
    }

    /// A bf16 result may differ from the reference's in its roundings, as long as it is as near to the truth.
    private boolean closeToYardstick(String name, Tensor ours, Tensor theirs) {
        Tensor yardstick = golden.traces().get(name + "_fp32");
        if (yardstick == null) {
            return false;
        }
        double mine = meanDifference(judged(ours), judged(yardstick));
        double reference = meanDifference(judged(theirs), judged(yardstick));
        remarks.add("%s: %.2f times the reference's distance to fp32".formatted(name, mine / reference));
        return mine <= YARDSTICK_RATIO * reference;
    }

    private void distance(String name, Tensor ours, Tensor theirs) {
        double[] mine = ours.toDoubleArray();
        double[] reference = theirs.toDoubleArray();
        double difference = 0;
        double norm = 0;
        double greatest = 0;
        double greatestReference = 0;
        for (int i = 0; i < mine.length; i++) {
            double delta = mine[i] - reference[i];
            difference += delta * delta;
            norm += reference[i] * reference[i];
            greatest = Math.max(greatest, Math.abs(delta));
            greatestReference = Math.max(greatestReference, Math.abs(reference[i]));
        }
        note(name, greatest, greatestReference);
        double bound = golden.params()
                .path("relative_l2_bound")
                .path(name.replace("_latent", ""))
                .asDouble();
        double relativeL2 = Math.sqrt(difference / norm);
        used = Math.max(used, relativeL2 / bound);
        remarks.add("%s: relative L2 %.4f of %.4f".formatted(name, relativeL2, bound));
        if (!(relativeL2 <= bound)) {
            fail(name, name + " is too far");
        }
    }

    /// Padded tokens of the text model have no defined value.
    private Tensor judged(Tensor tensor) {
        if (!golden.component().equals("gemma")) {
            return tensor;
        }
        Tensor mask = golden.input("attention_mask"); // [B, T]
        Tensor real = RealTokens.of(mask.reshape(mask.count()).to(Device.CPU));
        Tensor rows = tensor.to(Device.CPU).reshape(mask.count(), tensor.count() / mask.count()); // [B · T, …]
        return rows.indexSelect(0, real);
    }

    private void note(String name, double greatest, double greatestReference) {
        if (greatest >= absolute) {
            absolute = greatest;
            worst = name;
        }
        relative = Math.max(relative, greatestReference == 0 ? greatest : greatest / greatestReference);
    }

    private void incomparable(String name, String reason) {
        used = Double.NaN;
        fail(name, reason);
    }

    private void fail(String name, String reason) {
        passed = false;
        worst = absolute == 0 ? name : worst;
        remarks.add(reason);
    }

    /// Names the first intermediate tensor, in the order of the network's results, that is out of tolerance.
    private void firstStray() {
        SortedMap<String, Tensor> traces = golden.traces();
        for (Map.Entry<String, Tensor> result : results.entrySet()) {
            Tensor theirs = traces.get(result.getKey());
            try (TensorScope _ = TensorScope.open()) {
                if (theirs != null && strays(result.getValue(), theirs)) {
                    remarks.add("first to stray: trace " + result.getKey());
                    return;
                }
            }
        }
    }

    private boolean strays(Tensor ours, Tensor theirs) {
        if (ours.count() != theirs.count()) {
            return true;
        }
        double[] mine = ours.toDoubleArray();
        double[] reference = theirs.toDoubleArray();
        for (int i = 0; i < mine.length; i++) {
            if (!(Math.abs(mine[i] - reference[i]) <= allowed(reference[i]))) {
                return true;
            }
        }
        return false;
    }

    private double allowed(double reference) {
        return golden.absoluteTolerance() + golden.relativeTolerance() * Math.abs(reference);
    }

    private static boolean finite(Tensor tensor) {
        return !tensor.type().isFloatingPoint() || tensor.isFinite();
    }

    private static double meanDifference(Tensor ours, Tensor theirs) {
        double[] mine = ours.toDoubleArray();
        double[] reference = theirs.toDoubleArray();
        double sum = 0;
        for (int i = 0; i < mine.length; i++) {
            sum += Math.abs(mine[i] - reference[i]);
        }
        return sum / mine.length;
    }
}
