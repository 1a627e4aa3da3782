package io.zoetrope.audit;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;

/// Where the time of a job went. In JSON these are seconds.
///
/// @param waiting    from the request to the start of the first stage
/// @param textEncode first stage, summed over attempts that this worker knows of
/// @param denoise    second stage, likewise
/// @param decode     third stage with encoding and storing the clip, likewise
/// @param total      from the request to the completed clip
public record Timings(
        @JsonProperty("waiting_seconds") Duration waiting,
        @JsonProperty("text_encode_seconds") Duration textEncode,
        @JsonProperty("denoise_seconds") Duration denoise,
        @JsonProperty("decode_seconds") Duration decode,
        @JsonProperty("total_seconds") Duration total) {

    public Timings {
        Required.present("waiting_seconds", waiting);
        Required.present("text_encode_seconds", textEncode);
        Required.present("denoise_seconds", denoise);
        Required.present("decode_seconds", decode);
        Required.present("total_seconds", total);
    }
}
