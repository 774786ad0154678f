package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.guard.Guard;
import dev.sotto.store.Tenant;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a node needs to have models talk with its callers. Thread-safe.
///
/// @param catalogue what the models are told
public record Talking(Guard guard, StrictModels models, Catalogue catalogue) {
    /// How calls are answered in this mode, as rows and audit entries name it.
    public static final String STRICT = "strict";

    private static final Logger log = LoggerFactory.getLogger(Talking.class);

    public Talking {
        requireNonNull(guard, "guard");
        requireNonNull(models, "models");
        requireNonNull(catalogue, "catalogue");
    }

    /// Opens the talk of a call; empty if the keypad has to do.
    Optional<Talk.Source> open(Tenant tenant, CallId call, Executor beside, Clock clock, Meter meter) {
        if (!models.usable().getAsBoolean()) {
            meter.count("agent.talk.unusable");
            return Optional.empty();
        }
        var vertical = catalogue.usable();
        if (vertical.isEmpty()) {
            meter.count("agent.talk.unfit");
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
        var parts = parts(vertical.get(), tenant, guarded, clock, "");
        return Optional.of((loop, tools) -> new StrictTalk(
                models,
                models.transcriber().apply(call),
                guarded,
                tools,
                new Dialogue(parts, tools),
                beside,
                loop,
                meter));
    }

    /// Opens the talk of a call in text; empty if the receptionist has to do.
    ///
    /// @param guarded closed by whoever opened it
    /// @param way of the model's words to the caller
    /// @param manner told the model besides its instructions
    Optional<Talk.Source> openText(
            Tenant tenant, TurnGuard guarded, TextMouth.Way way, String manner, CallParts parts) {
        if (!models.usable().getAsBoolean()) {
            parts.meter().count("agent.talk.unusable");
            return Optional.empty();
        }
        var vertical = catalogue.usable();
        if (vertical.isEmpty()) {
            parts.meter().count("agent.talk.unfit");
            return Optional.empty();
        }
        var dialogue = parts(vertical.get(), tenant, guarded, parts.clock(), manner);
        return Optional.of((loop, tools) -> new TextTalk(new ModelAnswers(
                new Dialogue(dialogue, tools),
                new TextMouth(way, guarded, parts.meter()),
                tools,
                parts.beside(),
                loop,
                parts.meter())));
    }

    private Dialogue.Parts parts(Vertical vertical, Tenant tenant, TurnGuard guarded, Clock clock, String manner) {
        return new Dialogue.Parts(
                models.model(),
                models.modelDestination(),
                guarded,
                vertical,
                () -> SensitiveText.of(
                        vertical.instructions(tenant.name(), clock.instant().atZone(tenant.zone()))
                                        .reveal()
                                + manner),
                models.patience());
    }
}
