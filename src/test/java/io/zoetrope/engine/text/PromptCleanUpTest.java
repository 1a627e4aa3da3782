package io.zoetrope.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptCleanUpTest {

    @ParameterizedTest
    @CsvSource(quoteCharacter = '|', delimiter = ';', textBlock = """
            2018; '
            2019; '
            2032; '
            201C; "
            201D; "
            2033; "
            2010; -
            2013; -
            2014; -
            2212; -
            00A0; | |
            202F; | |
            """)
    void typographicSignsBecomeThoseOfAKeyboard(String code, String plain) {
        String sign = Character.toString(Integer.parseInt(code, 16));
        assertEquals("a" + plain + "b", PromptCleanUp.clean("a" + sign + "b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "A fox runs.",
                " A fox runs.\n",
                "**A fox runs.",
                "1. A fox runs.",
                "\u201CA fox runs.",
                "\u2014 A fox runs."
            })
    void whatStandsBeforeTheFirstLetterGoes(String text) {
        assertEquals("A fox runs.", PromptCleanUp.clean(text));
    }

    @Test
    void lettersOfAllScriptsBeginAPrompt() {
        assertEquals("狐狸跑过雪地", PromptCleanUp.clean("\u300C狐狸跑过雪地"));
        assertEquals("Лиса бежит", PromptCleanUp.clean("- Лиса бежит"));
        assertEquals("𝒜 fox", PromptCleanUp.clean("* 𝒜 fox"));
    }

    @Test
    void otherSignsAreKept() {
        String text = "A fox (red, 3 years old) runs: \"Go!\" 🦊\nIt's 5 % faster";
        assertEquals(text, PromptCleanUp.clean(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "12. \u201C\u2014\u201D 🦊\n"})
    void withoutALetterNothingIsLeft(String text) {
        assertEquals("", PromptCleanUp.clean(text));
    }
}
