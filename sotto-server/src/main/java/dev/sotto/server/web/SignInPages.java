package dev.sotto.server.web;

import dev.sotto.core.SensitiveText;
import dev.sotto.server.node.NodeGate;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/// Setup, sign-in and sign-out.
@Controller
final class SignInPages {
    private static final String TO_CALLS = "redirect:/calls";
    private static final String SIGN_IN = "sign-in";
    private static final String SETUP = "setup";
    private static final String OBJECTION = "objection";

    private final SignInDoor door;
    private final SetupDoor setup;
    private final NodeGate gate;

    SignInPages(SignInDoor door, SetupDoor setup, NodeGate gate) {
        this.door = door;
        this.setup = setup;
        this.gate = gate;
    }

    @GetMapping("/")
    String home() {
        return TO_CALLS;
    }

    @GetMapping("/sign-in")
    String form(@AuthenticationPrincipal @Nullable Visitor visitor) {
        return visitor instanceof Visitor.Staff ? TO_CALLS : SIGN_IN;
    }

    @PostMapping("/sign-in")
    String signIn(
            @RequestParam String email,
            @RequestParam String password,
            HttpServletRequest request,
            HttpServletResponse response,
            Model model) {
        var step = door.signIn(SensitiveText.of(email), SensitiveText.of(password), request.getRemoteAddr());
        return switch (step) {
            case SignInDoor.Step.SignedIn signedIn -> enter(signedIn, response);
            case SignInDoor.Step.Throttled _ ->
                again(
                        SIGN_IN,
                        HttpStatus.TOO_MANY_REQUESTS,
                        "Too many attempts. Wait a quarter of an hour.",
                        response,
                        model);
            case SignInDoor.Step.Refused _, SignInDoor.Step.NeedsSecondFactor _ ->
                again(
                        SIGN_IN,
                        HttpStatus.UNAUTHORIZED,
                        "That did not work. Check the address and the password.",
                        response,
                        model);
        };
    }

    @PostMapping("/sign-out")
    String signOut(HttpServletRequest request, HttpServletResponse response) {
        Cookies.SESSION.read(request).ifPresent(door::signOut);
        Cookies.SESSION.clear(response);
        return "redirect:/sign-in";
    }

    @GetMapping("/setup")
    String setupForm(@RequestParam(defaultValue = "") String token, HttpServletResponse response, Model model) {
        if (!setup.isOpen(token)) {
            response.setStatus(HttpStatus.NOT_FOUND.value());
            return "setup-closed";
        }
        model.addAttribute("token", token);
        model.addAttribute("minLength", Passwords.MIN_LENGTH);
        return SETUP;
    }

    @PostMapping("/setup")
    String setUp(
            @RequestParam String token,
            @RequestParam String email,
            @RequestParam String password,
            @RequestParam String repeated,
            HttpServletResponse response,
            Model model) {
        var step =
                setup.complete(token, SensitiveText.of(email), SensitiveText.of(password), SensitiveText.of(repeated));
        return switch (step) {
            case SetupDoor.Step.Done(var user) ->
                enter(door.signedIn(gate.services().store().staff(), user), response);
            case SetupDoor.Step.LinkInvalid _ -> {
                response.setStatus(HttpStatus.NOT_FOUND.value());
                yield "setup-closed";
            }
            case SetupDoor.Step.Objected(String words) -> {
                model.addAttribute("token", token);
                model.addAttribute("minLength", Passwords.MIN_LENGTH);
                yield again(SETUP, HttpStatus.UNPROCESSABLE_CONTENT, words, response, model);
            }
        };
    }

    private static String enter(SignInDoor.Step.SignedIn signedIn, HttpServletResponse response) {
        Cookies.FORM.clear(response);
        Cookies.SESSION.set(response, signedIn.token(), signedIn.lifetime());
        return TO_CALLS;
    }

    private static String again(
            String page, HttpStatus status, String words, HttpServletResponse response, Model model) {
        response.setStatus(status.value());
        model.addAttribute(OBJECTION, words);
        return page;
    }
}
