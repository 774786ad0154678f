package dev.sotto.model;

import static java.util.Objects.requireNonNullElse;

import dev.sotto.core.DeniedException;
import dev.sotto.core.LimitedException;
import dev.sotto.core.Meter;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Requests to one provider: bounded in number and time, behind a circuit breaker, retried only where nothing was sent
/// or the provider says so, and never after the first byte of an answer. No redirect is followed, no proxy and no
/// cookie is used, and the body of an answer that refuses is not read. Thread-safe; blocks.
final class ModelHttp implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelHttp.class);
    private static final Duration CLOSE = Duration.ofSeconds(5);
    private static final long FIRST_BACKOFF_NANOS = Duration.ofMillis(100).toNanos();
    private static final Pattern SECONDS = Pattern.compile("\\d{1,6}");
    private static final int OK = 200;

    private final Provider provider;
    private final Meter meter;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final CircuitBreaker breaker;
    private final Semaphore slots;
    private final ExecutorService threads;
    private final ExecutorService clientThreads;
    private final HttpClient client;

    ModelHttp(Provider provider, Meter meter, LongSupplier nanoTime, RandomGenerator random) {
        this.provider = provider;
        this.meter = meter;
        this.nanoTime = nanoTime;
        this.random = random;
        this.breaker = new CircuitBreaker(nanoTime, meter);
        this.slots = new Semaphore(provider.limits().concurrency());
        var context = ModelTls.context(provider.trustAnchors());
        this.threads = threads("model-");
        this.clientThreads = threads("model-http-");
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1) // one request a connection: giving one up harms no other
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(provider.limits().connect())
                .sslContext(context)
                .sslParameters(ModelTls.parameters())
                .executor(clientThreads)
                .build();
    }

    private ExecutorService threads(String name) {
        return Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(name + provider.id() + "-", 0).factory());
    }

    Provider provider() {
        return provider;
    }

    Meter meter() {
        return meter;
    }

    LongSupplier nanoTime() {
        return nanoTime;
    }

    ExecutorService threads() {
        return threads;
    }

    HttpClient client() {
        return client;
    }

    CircuitBreaker breaker() {
        return breaker;
    }

    /// One request, whose body can be made anew for each try.
    record Outgoing(String path, String contentType, String accept, Supplier<HttpRequest.BodyPublisher> body) {}

    /// How one try ended.
    sealed interface Try<T> {
        /// The other side answered.
        ///
        /// @param answer what it gave; the permit is settled by who uses it
        record Answered<T>(T answer) implements Try<T> {}

        /// It did not.
        ///
        /// @param retryAfterNanos how long to wait before a retry; negative if none is safe
        record Failed<T>(SottoException failure, long retryAfterNanos) implements Try<T> {}
    }

    /// One try, which settles `permit` unless it was answered.
    interface Attempt<T> {
        /// Makes it.
        ///
        /// @param until when the head of the answer must be there, in the time of [#nanoTime()]
        Try<T> make(long until, CircuitBreaker.Permit permit) throws InterruptedException;
    }

    /// Sends `request` and waits for the head of its answer.
    ///
    /// @throws SottoException with a [ModelError] if there is no good answer
    HttpAnswer send(Outgoing request) {
        long start = nanoTime.getAsLong();
        return open((until, permit) -> attempt(request, start, until, permit));
    }

    /// Tries until something is open, or a retry is not safe or would be late. What is open holds one of the slots
    /// until [#release()].
    <T> T open(Attempt<T> attempt) {
        if (!slots.tryAcquire()) {
            throw new LimitedException(
                    ModelError.ALL_SLOTS_IN_USE, "all requests that may run at once against the provider are running");
        }
        boolean answered = false;
        try {
            var answer = attempts(attempt, nanoTime.getAsLong());
            answered = true;
            return answer;
        } catch (InterruptedException interrupted) {
            throw interrupted();
        } finally {
            if (!answered) {
                slots.release();
            }
        }
    }

    void release() {
        slots.release();
    }

    private <T> T attempts(Attempt<T> attempt, long start) throws InterruptedException {
        long until = start + provider.limits().firstByte().toNanos();
        for (int number = 1; ; number++) {
            switch (attempted(attempt, until)) {
                case Try.Answered<T> answered -> {
                    meter.time(ModelMetrics.FIRST_BYTE, Duration.ofNanos(nanoTime.getAsLong() - start));
                    return answered.answer();
                }
                case Try.Failed<T> failed -> {
                    long backoff = FIRST_BACKOFF_NANOS << Math.min(number - 1, 10);
                    long wait = failed.retryAfterNanos() + random.nextLong(backoff + 1); // full jitter
                    boolean inTime = wait < until - nanoTime.getAsLong();
                    if (failed.retryAfterNanos() < 0
                            || number >= provider.limits().attempts()
                            || !inTime) {
                        throw failed.failure();
                    }
                    TimeUnit.NANOSECONDS.sleep(wait);
                    meter.count(ModelMetrics.RETRIES);
                }
            }
        }
    }

    private <T> Try<T> attempted(Attempt<T> attempt, long until) throws InterruptedException {
        CircuitBreaker.Permit permit;
        try {
            permit = breaker.enter();
        } catch (UnavailableException resting) {
            return new Try.Failed<>(resting, -1);
        }
        meter.count(ModelMetrics.REQUESTS);
        boolean answered = false;
        try {
            var outcome = attempt.make(until, permit);
            answered = outcome instanceof Try.Answered;
            return outcome;
        } finally {
            if (!answered) {
                permit.forgotten(); // if nobody settled it, it must not hold the probe
            }
        }
    }

    private Try<HttpAnswer> attempt(Outgoing request, long start, long until, CircuitBreaker.Permit permit)
            throws InterruptedException {
        var answer = client.sendAsync(built(request), _ -> new BodyQueue());
        boolean taken = false;
        try {
            var response = answer.get(until - nanoTime.getAsLong(), TimeUnit.NANOSECONDS);
            taken = true;
            return answered(response, start, permit);
        } catch (TimeoutException late) {
            permit.failed();
            return new Try.Failed<>(
                    new UnavailableException(ModelError.FIRST_BYTE_LATE, "the provider did not answer in time"), -1);
        } catch (ExecutionException failed) {
            return notSent(failed, permit);
        } finally {
            if (!taken) {
                giveUp(answer);
            }
        }
    }

    private static void giveUp(CompletableFuture<HttpResponse<BodyQueue>> answer) {
        answer.cancel(true);
        // It may have come meanwhile.
        var _ = answer.whenComplete((late, _) -> {
            if (late != null) {
                late.body().close();
            }
        });
    }

    private HttpRequest built(Outgoing request) {
        var builder = HttpRequest.newBuilder(provider.address("http", request.path(), ""))
                .header("Content-Type", request.contentType())
                .header("Accept", request.accept())
                .POST(request.body().get());
        key(builder::header);
        return builder.build();
    }

    /// Shows the key, if there is one.
    void key(BiConsumer<String, String> header) {
        String key = provider.key().reveal();
        if (!key.isEmpty()) {
            switch (provider.keyHeader()) {
                case BEARER -> header.accept("Authorization", "Bearer " + key);
                case API_KEY -> header.accept("api-key", key);
            }
        }
    }

    private Try<HttpAnswer> answered(HttpResponse<BodyQueue> response, long start, CircuitBreaker.Permit permit) {
        if (response.statusCode() == OK) {
            return new Try.Answered<>(new HttpAnswer(
                    response.body(), response.headers(), provider.limits(), nanoTime, start, permit, slots));
        }
        response.body().close();
        return refused(response.statusCode(), response.headers(), permit);
    }

    /// The other side gave another status than it should.
    <T> Try<T> refused(int status, HttpHeaders headers, CircuitBreaker.Permit permit) {
        var failure = refusal(status);
        if (blamesProvider(failure)) {
            permit.failed();
        } else {
            permit.forgotten();
        }
        return new Try.Failed<>(failure, retryAfter(status, headers));
    }

    /// What a status other than 200 means.
    static SottoException refusal(int status) {
        return switch (status) {
            case 401, 403 ->
                new DeniedException(ModelError.KEY_REFUSED, "the provider refused the key (%d)".formatted(status));
            case 404 ->
                new NotFoundException(ModelError.MODEL_UNKNOWN, "the provider does not know the model or path (404)");
            case 429 -> new LimitedException(ModelError.PROVIDER_BUSY, "the provider throttles (429)");
            case 408, 409, 425 ->
                new UnavailableException(
                        ModelError.PROVIDER_FAILED, "the provider could not answer now (%d)".formatted(status));
            default -> {
                if (status >= 500) {
                    yield new UnavailableException(
                            ModelError.PROVIDER_FAILED,
                            "the provider reports a fault of its own (%d)".formatted(status));
                }
                if (status >= 300 && status < 400) {
                    yield new RejectedException(
                            ModelError.REDIRECTED,
                            "the provider redirects (%d), which is not followed".formatted(status));
                }
                yield new RejectedException(
                        ModelError.REQUEST_REFUSED, "the provider refused the request (%d)".formatted(status));
            }
        };
    }

    /// A request that was wrong, or a model that is not there, says nothing about the provider's health.
    static boolean blamesProvider(SottoException failure) {
        return !(failure instanceof RejectedException || failure instanceof NotFoundException);
    }

    /// RFC 9110 section 10.2.3, in seconds; a date is not taken, because it needs two clocks that agree.
    private static long retryAfter(int status, HttpHeaders headers) {
        if (status != 429 && status != 503) {
            return -1;
        }
        return headers.firstValue("Retry-After")
                .map(String::strip)
                .filter(value -> SECONDS.matcher(value).matches())
                .map(value -> TimeUnit.SECONDS.toNanos(Long.parseLong(value)))
                .orElse(-1L);
    }

    /// No head of an answer came.
    <T> Try<T> notSent(ExecutionException failed, CircuitBreaker.Permit permit) {
        var cause = requireNonNullElse(failed.getCause(), failed);
        var ours = ours(cause);
        if (ours.isPresent()) {
            permit.forgotten();
            return new Try.Failed<>(ours.get(), -1);
        }
        permit.failed();
        return switch (cause) {
            case SSLException _ ->
                new Try.Failed<>(
                        new UnavailableException(ModelError.TLS_FAILED, "no TLS session with the provider can be made"),
                        -1);
            case HttpConnectTimeoutException _,
                    ConnectException _,
                    UnknownHostException _,
                    UnresolvedAddressException _ ->
                new Try.Failed<>(
                        new UnavailableException(ModelError.CONNECT_FAILED, "the provider cannot be reached"), 0);
            default ->
                new Try.Failed<>(
                        new UnavailableException(ModelError.SEND_FAILED, "the connection to the provider broke"), -1);
        };
    }

    /// What our own body of the request threw, such as that a passage closed; the client may have wrapped it.
    private static Optional<SottoException> ours(Throwable failure) {
        Throwable at = failure;
        for (int depth = 0; depth < 4 && at != null; depth++) {
            if (at instanceof SottoException ours) {
                return Optional.of(ours);
            }
            at = at.getCause();
        }
        return Optional.empty();
    }

    /// Counts `failure` by its code.
    static SottoException counted(Meter meter, SottoException failure) {
        if (failure.code() instanceof ModelError code) {
            meter.count(ModelMetrics.failed(code));
        }
        return failure;
    }

    static UnavailableException interrupted() {
        Thread.currentThread().interrupt();
        return new UnavailableException(ModelError.INTERRUPTED, "the wait for a model was interrupted");
    }

    /// Gives up what still runs and waits, for a bounded time, until no thread is left.
    @Override
    public void close() {
        threads.shutdownNow(); // what we do ends first, so that the end of the connections is no failure
        try {
            boolean ended = threads.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
            client.shutdownNow();
            ended &= client.awaitTermination(CLOSE);
            clientThreads.shutdownNow();
            ended &= clientThreads.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                LOG.atWarn()
                        .addKeyValue("event", "model.endpoint.close_late")
                        .addKeyValue("provider", provider.id())
                        .log("work with a provider did not end in time");
            }
        } catch (InterruptedException interrupted) {
            client.shutdownNow();
            clientThreads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
