package dev.sotto.server.node;

import java.util.List;

/// What is made of calls once they ended.
public record AfterCallConfig(boolean summary, boolean analytics) {
    private static final String ON = "on";
    private static final List<String> SWITCH = List.of(ON, "off");

    static AfterCallConfig read(ConfigReader reader) {
        return new AfterCallConfig(
                reader.choice("after-call.summary", ON, SWITCH).equals(ON),
                reader.choice("after-call.analytics", ON, SWITCH).equals(ON));
    }
}
