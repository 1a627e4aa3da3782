package io.zoetrope.request;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;

/// The seed of a generation: an unsigned number of 64 bits.
///
/// In JSON it is a number up to 2^53-1, which every reader of JSON keeps exactly, and a decimal string beyond.
///
/// @param bits the number's 64 bits; negative for seeds from 2^63 on, as random generators take it
public record Seed(long bits) {

    static final long LARGEST_NUMBER = (1L << 53) - 1;
    static final BigInteger LARGEST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    /// The seed that `decimal` names, `0` to `18446744073709551615`.
    ///
    /// @throws NumberFormatException if it names none
    public static Seed parse(String decimal) {
        return new Seed(Long.parseUnsignedLong(decimal));
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Seed of(JsonNode json) {
        return parse(json.asText());
    }

    @JsonValue
    Object json() {
        return bits >= 0 && bits <= LARGEST_NUMBER ? (Object) bits : toString();
    }

    /// Unsigned and decimal.
    @Override
    public String toString() {
        return Long.toUnsignedString(bits);
    }
}
