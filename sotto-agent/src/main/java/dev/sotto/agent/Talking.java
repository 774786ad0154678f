package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.guard.Guard;
import dev.sotto.store.Tenant;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a node needs to have models talk with its callers. Thread-safe.
///
/// @param models of calls by voice
/// @param text the model of calls in text; empty if the receptionist has to do
/// @param catalogue what the models are told
public record Talking(Guard guard, TalkModels models, Optional<TextModels> text, Catalogue catalogue) {
    private static final Logger log = LoggerFactory.getLogger(Talking.class);

    public Talking {
        requireNonNull(guard, "guard");
        requireNonNull(models, "models");
        requireNonNull(text, "text");
        requireNonNull(catalogue, "catalogue");
    }

    /// Opens the talk of a call; empty if the keypad has to do.
    Optional<Talk.Source> open(Tenant tenant, CallId call, Executor beside, Clock clock, Meter meter) {
        var vertical = vertical(models.usable(), meter);
        if (vertical.isEmpty()) {
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
        var told = vertical.get();
        return Optional.of(
                switch (models) {
                    case StrictModels strict -> {
                        var parts = new Dialogue.Parts(
                                strict.model(),
                                strict.modelDestination(),
                                guarded,
                                told,
                                () -> told.instructions(tenant.name(), now.get()),
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
                                        told,
                                        () -> told.speakingInstructions(tenant.name(), now.get()),
                                        beside,
                                        loop,
                                        meter)
                                .open();
                });
    }

    /// Opens the talk of a call in text; empty if the receptionist has to do.
    ///
    /// @param guarded closed by whoever opened it
    /// @param way of the model's words to the caller
    /// @param manner told the model besides its instructions
    Optional<Talk.Source> openText(
            Tenant tenant, TurnGuard guarded, TextMouth.Way way, String manner, CallParts parts) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        var writer = text.get();
        var vertical = vertical(writer.usable(), parts.meter());
        if (vertical.isEmpty()) {
            return Optional.empty();
        }
        Supplier<ZonedDateTime> now = () -> parts.clock().instant().atZone(tenant.zone());
        var told = vertical.get();
        var dialogue = new Dialogue.Parts(
                writer.model(),
                writer.destination(),
                guarded,
                told,
                () -> SensitiveText.of(
                        told.instructions(tenant.name(), now.get()).reveal() + manner),
                writer.patience());
        return Optional.of((loop, tools) -> new TextTalk(new ModelAnswers(
                new Dialogue(dialogue, tools),
                new TextMouth(way, guarded, parts.meter()),
                new HandOver(tools, loop, parts.meter()),
                new Beside(parts.beside(), parts.meter()),
                loop,
                parts.meter())));
    }

    /// What the models are told, if they answer and are told what the program can do.
    private Optional<Vertical> vertical(BooleanSupplier usable, Meter meter) {
        if (!usable.getAsBoolean()) {
            meter.count("agent.talk.unusable");
            return Optional.empty();
        }
        var vertical = catalogue.usable();
        if (vertical.isEmpty()) {
            meter.count("agent.talk.unfit");
        }
        return vertical;
    }
}
