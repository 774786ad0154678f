package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;
import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.guard.Guard;
import dev.sotto.store.Tenant;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a node needs to have models talk with its callers. Thread-safe.
///
/// @param vertical what the models are told
public record Talking(Guard guard, TalkModels models, Vertical vertical) {
    private static final Logger log = LoggerFactory.getLogger(Talking.class);

    public Talking {
        requireNonNull(guard, "guard");
        requireNonNull(models, "models");
        requireNonNull(vertical, "vertical");
    }

    /// Opens the talk of a call; empty if the keypad has to do.
    Optional<Talk.Source> open(Tenant tenant, CallId call, Executor beside, Clock clock, Meter meter) {
        if (!models.usable().getAsBoolean()) {
            meter.count("agent.talk.unusable");
            return Optional.empty();
        }
        GuardedCall guarded;
        try {
            guarded = GuardedCall.open(guard, tenant.id(), call);
        } catch (SottoException refused) {
            meter.count("agent.talk.unguarded");
            log.atWarn()
                    .addKeyValue("event", "agent.talk.unguarded")
                    .addKeyValue("call", call)
                    .addKeyValue("code", refused.code().name())
                    .log("the guard does not take a call; the keypad does");
            return Optional.empty();
        }
        Supplier<ZonedDateTime> now = () -> clock.instant().atZone(tenant.zone());
        return Optional.of(
                switch (models) {
                    case StrictModels strict -> {
                        var parts = new Dialogue.Parts(
                                strict.model(),
                                strict.modelDestination(),
                                guarded,
                                vertical,
                                () -> vertical.instructions(tenant.name(), now.get()),
                                strict.patience());
                        yield (loop, tools) -> new StrictTalk(
                                strict,
                                strict.transcriber().apply(call),
                                guarded,
                                tools,
                                new Dialogue(parts, tools),
                                beside,
                                loop,
                                meter);
                    }
                    case GatedModels gated ->
                        (loop, tools) -> new GatedTalk(
                                        gated,
                                        guarded,
                                        tools,
                                        vertical,
                                        () -> vertical.speakingInstructions(tenant.name(), now.get()),
                                        beside,
                                        loop,
                                        meter)
                                .open();
                });
    }
}
