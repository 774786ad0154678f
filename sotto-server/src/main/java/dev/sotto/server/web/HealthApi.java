package dev.sotto.server.web;

import dev.sotto.keys.CryptoModule;
import dev.sotto.keys.CryptoProvider;
import dev.sotto.server.node.CryptoBoundary;
import dev.sotto.server.node.NodeGate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// Whether the node lives and can take calls, for supervisors and balancers; and its metrics, for local tools.
@RestController
final class HealthApi {
    private static final String DEGRADED = "degraded";

    private final NodeGate gate;
    private final MicrometerMeter metrics;

    HealthApi(WebParts parts) {
        this.gate = parts.gate();
        this.metrics = parts.metrics();
    }

    record Health(String status, Map<String, String> parts) {}

    /// The process answers. Says nothing of what it needs.
    @GetMapping("/health/live")
    Health live() {
        return new Health("up", Map.of());
    }

    private static String fullyUp(Map<String, String> parts) {
        return parts.containsValue(DEGRADED) ? DEGRADED : "up";
    }

    /// Everything a call needs works: 200, else 503. `degraded`: calls are taken, and something serves them worse.
    @GetMapping({"/health", "/health/ready"})
    ResponseEntity<Health> ready() {
        Map<String, String> parts = new TreeMap<>();
        gate.health().forEach((part, up) -> parts.put(part, up ? "up" : "down"));
        gate.degraded().forEach(part -> parts.put(part, DEGRADED));
        boolean up = !parts.isEmpty() && !parts.containsValue("down");
        return ResponseEntity.status(up ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
                .body(new Health(up ? fullyUp(parts) : "down", parts));
    }

    /// What does the arithmetic, what may be claimed of it, and what of the node it does and does not cover.
    record Crypto(
            String provider,
            String version,
            String module,
            String certificate,
            boolean approvedOnly,
            List<String> inside,
            List<String> outside) {
        static Crypto now() {
            CryptoModule module = CryptoProvider.inUse();
            CryptoBoundary boundary = CryptoBoundary.ofThisProcess();
            return new Crypto(
                    module.provider(),
                    module.version(),
                    module.module(),
                    module.certificate(),
                    module.approvedOnly(),
                    boundary.inside(),
                    boundary.outside());
        }
    }

    @GetMapping("/health/crypto")
    Crypto crypto() {
        return Crypto.now();
    }

    @GetMapping("/metrics")
    ResponseEntity<String> metrics() {
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType("text/plain; version=0.0.4; charset=utf-8"))
                .body(metrics.scrape());
    }
}
