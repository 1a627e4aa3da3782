package io.zoetrope.request;

/// One field of a JSON object, as data.
///
/// @param name     as it is written
/// @param type     what may be written in it
/// @param required whether it may be left out
/// @param meaning  one line for a reader of a help text, without a full stop
public record Field(String name, FieldType type, boolean required, String meaning) {

    public static Field required(String name, FieldType type, String meaning) {
        return new Field(name, type, true, meaning);
    }

    public static Field optional(String name, FieldType type, String meaning) {
        return new Field(name, type, false, meaning);
    }
}
