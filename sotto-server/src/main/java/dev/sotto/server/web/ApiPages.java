package dev.sotto.server.web;

import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/// The API's description, for machines and for people.
@Controller
final class ApiPages {
    private final ApiDocument document;
    private final CallLookup lookup;

    ApiPages(ApiDocument document, CallLookup lookup) {
        this.document = document;
        this.lookup = lookup;
    }

    @GetMapping("/api/v1/openapi.json")
    ResponseEntity<byte[]> openApi() {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(document.bytes());
    }

    @GetMapping("/reference")
    String reference(@AuthenticationPrincipal Visitor visitor, Model model) {
        model.addAttribute("business", lookup.business(visitor).name());
        model.addAttribute("description", document.description());
        model.addAttribute("groups", document.groups());
        model.addAttribute("shapes", document.shapes());
        return "reference";
    }
}
