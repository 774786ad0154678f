package dev.sotto.server.web;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.springframework.http.HttpStatus;

/// What Tomcat answers when no filter of ours saw the request, such as a malformed one. Named in the host by class.
public final class BareErrors extends ErrorReportValve {
    private static final int FIRST_ERROR = 400;

    @Override
    protected void report(Request request, Response response, Throwable failure) {
        int status = response.getStatus();
        if (status < FIRST_ERROR || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        HttpStatus known = HttpStatus.resolve(status);
        try {
            response.setHeader("Strict-Transport-Security", "max-age=31536000");
            response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
            response.setHeader("X-Content-Type-Options", "nosniff");
            Problem.of(known == null ? HttpStatus.INTERNAL_SERVER_ERROR : known, "request_invalid")
                    .write(response);
            response.finishResponse();
        } catch (IOException _) {
            // the other side went away; there is nobody to answer
        }
    }
}
