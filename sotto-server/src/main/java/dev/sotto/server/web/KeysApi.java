package dev.sotto.server.web;

import dev.sotto.core.DataClass;
import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyLifecycle.Progress;
import dev.sotto.keys.KeyLifecycle.Rotated;
import dev.sotto.keys.KeyRecords.Destruction;
import dev.sotto.keys.KeyUri;
import dev.sotto.server.node.KeyOffice;
import dev.sotto.server.node.KeyOffice.Revocation;
import dev.sotto.server.node.NodeGate;
import dev.sotto.server.node.ServerError;
import dev.sotto.store.ExposedRows;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// What `./sotto keys` asks of a running node, with the operator token. Never a byte of a key.
@RestController
final class KeysApi {
    private final NodeGate gate;

    KeysApi(NodeGate gate) {
        this.gate = gate;
    }

    private KeyOffice office() {
        return new KeyOffice(gate.services().keys());
    }

    /// A key that was replaced.
    record Replaced(String tenant, String level, String name, String tier, int version, String id, String why) {
        static Replaced of(Rotated rotated) {
            return new Replaced(
                    rotated.tenant().toString(),
                    CallView.lower(rotated.level()),
                    rotated.name(),
                    CallView.lower(rotated.tier()),
                    rotated.version(),
                    rotated.id().toString(),
                    rotated.why());
        }
    }

    @PostMapping("/api/v1/operator/keys/rotate")
    List<Replaced> rotate(
            @RequestParam Optional<String> tenant,
            @RequestParam Optional<String> dataClass,
            @RequestParam Optional<String> level,
            @RequestParam Optional<String> purpose,
            @AuthenticationPrincipal Visitor visitor) {
        var chosen = new KeyOffice.Chosen(
                tenant.map(TenantId::parse), dataClass.map(DataClass::ofCode), level.map(KeyLevel::ofCode), purpose);
        return office().rotate(chosen, visitor.actor()).stream()
                .map(Replaced::of)
                .toList();
    }

    /// How far wrapping keys anew has come. It is done when nothing is left.
    record Rewrapped(long done, long left) {
        static Rewrapped of(Progress progress) {
            return new Rewrapped(progress.done(), progress.left());
        }
    }

    /// One bounded step.
    @PostMapping("/api/v1/operator/keys/rewrap")
    Rewrapped rewrap(
            @RequestParam Optional<String> tenant,
            @RequestParam Optional<String> root,
            @AuthenticationPrincipal Visitor visitor) {
        Optional<TenantId> whose = tenant.map(TenantId::parse);
        if (root.isEmpty()) {
            return Rewrapped.of(office().rewrap(whose, visitor.actor()));
        }
        TenantId one = whose.orElseThrow(
                () -> new RejectedException(ServerError.ARGUMENT_INVALID, "a root key is for one tenant"));
        return Rewrapped.of(office().move(one, new KeyUri(root.get()), visitor.actor()));
    }

    @PostMapping("/api/v1/operator/keys/{id}/revoke")
    OperatorApi.Key revoke(
            @PathVariable String id,
            @RequestParam(defaultValue = "suspend") String how,
            @AuthenticationPrincipal Visitor visitor) {
        return OperatorApi.Key.of(office().revoke(KeyOffice.id(id), revocation(how), visitor.actor()));
    }

    private static Revocation revocation(String how) {
        for (Revocation each : Revocation.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(how)) {
                return each;
            }
        }
        throw new RejectedException(ServerError.ARGUMENT_INVALID, "how must be suspend, compromised or reinstate");
    }

    /// A request to destroy keys, and its certificate once it was done.
    record Asked(
            String id,
            String tenant,
            String target,
            String reason,
            String requestedAt,
            String notBefore,
            String certificate) {
        static Asked of(Destruction destruction) {
            var request = destruction.request();
            return new Asked(
                    request.id().toString(),
                    request.tenant().toString(),
                    request.target().text(),
                    request.reason(),
                    request.requestedAt().toString(),
                    request.notBefore().toString(),
                    destruction.certificate().orElse(""));
        }
    }

    @GetMapping("/api/v1/operator/keys/destructions")
    List<Asked> destructions() {
        return office().destructions().stream().map(Asked::of).toList();
    }

    /// What did not open when it was to be sealed anew after a compromise.
    record Refused(String tenant, String classKey, String record, String id) {
        static Refused of(ExposedRows.Refused row) {
            return new Refused(row.tenant().toString(), row.classKey().toString(), row.record(), row.id());
        }
    }

    /// As this node found it in its last pass.
    @GetMapping("/api/v1/operator/keys/refused")
    List<Refused> refused() {
        return gate.services().store().exposedRows().refused().stream()
                .map(Refused::of)
                .toList();
    }
}
