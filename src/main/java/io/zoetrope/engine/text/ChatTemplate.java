package io.zoetrope.engine.text;

/// How an instruction and a user's words lie in the text that the text model goes on with.
public enum ChatTemplate {
    /// As in the published Gemma 3: the instruction opens the user's turn.
    INSTRUCTION_IN_USER_TURN,
    /// The instruction has a turn of its own, `system`.
    INSTRUCTION_TURN,
    /// Paragraphs, for a text model that knows no turns. Such a one was hardly made to follow instructions.
    PARAGRAPHS;

    static final String TURN_START = "<start_of_turn>";
    static final String TURN_END = "<end_of_turn>";

    /// @return the text up to where the model's own words begin
    String render(String instruction, String user) {
        return switch (this) {
            case INSTRUCTION_IN_USER_TURN -> turn("user", instruction + "\n\n" + user) + answer();
            case INSTRUCTION_TURN -> turn("system", instruction) + turn("user", user) + answer();
            case PARAGRAPHS -> instruction + "\n\n" + user + "\n\nrewritten prompt:";
        };
    }

    private static String turn(String role, String content) {
        return TURN_START + role + "\n" + content + TURN_END + "\n";
    }

    private static String answer() {
        return TURN_START + "model\n";
    }
}
