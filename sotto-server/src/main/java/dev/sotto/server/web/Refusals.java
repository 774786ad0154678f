package dev.sotto.server.web;

import dev.sotto.core.BugException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.SottoException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpStatus;
import org.springframework.ui.ModelMap;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.servlet.ModelAndView;

/// Turns what went wrong into an answer: a problem for machines, a page for people. Neither repeats the request.
@ControllerAdvice
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private final ContentPolicy policy;

    Refusals(ContentPolicy policy) {
        this.policy = policy;
    }

    @ModelAttribute
    void common(HttpServletRequest request, ModelMap model) {
        model.addAttribute("nonce", policy.nonce(request));
    }

    @ExceptionHandler
    @Nullable
    ModelAndView known(SottoException failure, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (failure instanceof IntegrityException || failure instanceof BugException) {
            LOG.atError()
                    .setCause(failure)
                    .addKeyValue("event", "server.request.failed")
                    .addKeyValue("code", failure.code().name())
                    .log("a request failed");
        }
        return answer(Problem.of(failure), request, response);
    }

    @ExceptionHandler
    @Nullable
    ModelAndView other(Exception failure, HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (failure instanceof ErrorResponse refusal) {
            HttpStatus status = HttpStatus.valueOf(refusal.getStatusCode().value());
            return answer(
                    Problem.of(status, status == HttpStatus.NOT_FOUND ? "not_here" : "request_invalid"),
                    request,
                    response);
        }
        if (failure instanceof TypeMismatchException) {
            return answer(Problem.of(HttpStatus.BAD_REQUEST, "request_invalid"), request, response);
        }
        if (failure instanceof IOException) {
            return null; // the other side went away; there is nobody to answer
        }
        LOG.atError()
                .setCause(failure)
                .addKeyValue("event", "server.request.failed")
                .log("a request failed");
        return answer(Problem.of(HttpStatus.INTERNAL_SERVER_ERROR, "bug"), request, response);
    }

    private @Nullable ModelAndView answer(Problem problem, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (response.isCommitted()) {
            return null;
        }
        if (SecurityWiring.isForMachines(request)) {
            problem.write(response);
            return null;
        }
        var page = new ModelAndView("refused");
        page.setStatus(HttpStatus.valueOf(problem.status()));
        page.addObject("title", problem.title());
        page.addObject("status", problem.status());
        page.addObject("nonce", policy.nonce(request));
        return page;
    }
}
