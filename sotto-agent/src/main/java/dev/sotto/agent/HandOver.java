package dev.sotto.agent;

import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How the caller of a model that is lost comes to the keypad. Thread-safe.
record HandOver(ToolDesk tools, Consumer<CallEvent> loop, Meter meter) {
    private static final Logger log = LoggerFactory.getLogger(HandOver.class);
    private static final String COUNTED = "agent.handed_over";

    /// @param event counted and logged with the code of `failure`
    void now(String event, SottoException failure) {
        meter.count(event);
        meter.count(COUNTED);
        loop.accept(new CallEvent.HandedOver(tools.verified(), failure.code()));
        log.atWarn()
                .addKeyValue("event", event)
                .addKeyValue("code", failure.code().name())
                .log("a model is lost to a call; the keypad takes over");
    }
}
