package dev.sotto.server.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/// Works on so many requests at once and refuses the rest at once, so that nothing waits in a queue. Requests run
/// on virtual threads, whose number is no bound.
final class Admission extends OncePerRequestFilter {
    private final Semaphore slots;

    Admission(int atOnce) {
        slots = new Semaphore(atOnce);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!slots.tryAcquire()) {
            response.setHeader("Retry-After", "1");
            Problem.of(HttpStatus.SERVICE_UNAVAILABLE, "too_many").write(response);
            return;
        }
        try {
            chain.doFilter(request, response);
        } finally {
            slots.release();
        }
    }
}
