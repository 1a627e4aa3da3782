package io.zoetrope.plan;

/// The leading numbers of a checkpoint's `model_version`: `2.3-rc1` is 2.3, a version without numbers is the oldest.
///
/// Source: docs/model/sampling.md, section 9.
record ModelVersion(int major, int minor) {

    static ModelVersion of(String text) {
        int[] numbers = new int[2];
        String[] parts = text.replace('-', '.').split("\\.");
        for (int i = 0; i < 2 && i < parts.length && parts[i].matches("\\d{1,6}"); i++) {
            numbers[i] = Integer.parseInt(parts[i]);
        }
        return new ModelVersion(numbers[0], numbers[1]);
    }

    boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }
}
