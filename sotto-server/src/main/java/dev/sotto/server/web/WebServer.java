package dev.sotto.server.web;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.UnavailableException;
import dev.sotto.keys.CryptoProvider;
import dev.sotto.media.TlsIdentity;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.Executors;
import org.apache.catalina.core.StandardHost;
import org.apache.coyote.AbstractProtocol;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleKey;
import org.springframework.boot.ssl.SslOptions;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerException;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.core.env.StandardEnvironment;

/// The HTTPS listener of the API and the dashboard: Tomcat, TLS 1.3 only. Reads no configuration but what it is
/// given: no environment variable and no file changes it.
public final class WebServer implements AutoCloseable {
    private static final String BUNDLE = "server";
    private static final int MAX_CONNECTIONS = 1_024;
    private static final int BACKLOG = 128;
    private static final int MAX_HEADER_BYTES = 16 * 1024;
    private static final int MAX_BODY_BYTES = 64 * 1024;
    private static final int MAX_PARAMETERS = 50;
    private static final int STORE_PASSWORD_BYTES = 16;
    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(20);

    private final AnnotationConfigServletWebServerApplicationContext context;

    private WebServer(AnnotationConfigServletWebServerApplicationContext context) {
        this.context = context;
    }

    /// Starts to listen. Requests are answered at once, with 503 until the gate opens.
    ///
    /// @throws UnavailableException if the address cannot be had
    public static WebServer start(WebParts parts) {
        parts.metrics().bindJvm();
        var context = new AnnotationConfigServletWebServerApplicationContext();
        var environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .forEach(source -> environment.getPropertySources().remove(source.getName()));
        context.setEnvironment(environment);
        context.registerBean(WebParts.class, () -> parts);
        context.registerBean(TomcatServletWebServerFactory.class, () -> factory(parts));
        context.register(WebWiring.class);
        try {
            context.refresh();
        } catch (WebServerException failure) {
            context.close();
            throw unusable(parts, failure);
        } catch (RuntimeException failure) {
            context.close();
            if (failure.getCause() instanceof WebServerException bind) {
                throw unusable(parts, bind);
            }
            throw failure;
        }
        return new WebServer(context);
    }

    private static UnavailableException unusable(WebParts parts, WebServerException failure) {
        return new UnavailableException(
                ServerError.ADDRESS_UNUSABLE,
                "cannot listen on %s port %d\nhint: another process may have it; choose another with --port"
                        .formatted(parts.listener().address(), parts.listener().port()),
                failure);
    }

    private static TomcatServletWebServerFactory factory(WebParts parts) {
        var factory = new TomcatServletWebServerFactory(parts.listener().port());
        try {
            factory.setAddress(InetAddress.getByName(parts.listener().address()));
        } catch (UnknownHostException unknown) {
            throw new UnavailableException(
                    ServerError.ADDRESS_UNUSABLE,
                    "server.address (%s) is not an address of this machine"
                            .formatted(parts.listener().address()),
                    unknown);
        }
        factory.setShutdown(Shutdown.GRACEFUL);
        factory.setSsl(Ssl.forBundle(BUNDLE));
        String password = storePassword(parts);
        factory.setSslBundles(new DefaultSslBundleRegistry(
                BUNDLE,
                SslBundle.of(
                        SslStoreBundle.of(keyStore(parts.identity(), password), password, null),
                        SslBundleKey.of(password, "tls"),
                        SslOptions.of(Set.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"), Set.of("TLSv1.3")))));
        factory.addConnectorCustomizers(connector -> {
            connector.setMaxPostSize(MAX_BODY_BYTES);
            connector.setMaxParameterCount(MAX_PARAMETERS);
            connector.setAllowTrace(false);
            connector.setXpoweredBy(false);
        });
        factory.addProtocolHandlerCustomizers((AbstractHttp11Protocol<?> protocol) -> limit(protocol));
        factory.addContextCustomizers(tomcat -> {
            if (tomcat.getParent() instanceof StandardHost host) {
                host.setErrorReportValveClass(BareErrors.class.getName());
            }
        });
        return factory;
    }

    /// The key store never leaves this process: its password only has to be one that the provider takes.
    private static String storePassword(WebParts parts) {
        byte[] random = new byte[STORE_PASSWORD_BYTES];
        parts.random().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /// A key store in memory.
    private static KeyStore keyStore(TlsIdentity identity, String password) {
        try {
            KeyStore store = KeyStore.getInstance(CryptoProvider.keyStoreType());
            store.load(null, null);
            store.setKeyEntry(
                    "tls",
                    identity.key(),
                    password.toCharArray(),
                    identity.chain().toArray(X509Certificate[]::new));
            return store;
        } catch (GeneralSecurityException | IOException failure) {
            throw new IllegalStateException("the TLS identity does not fit a key store", failure);
        }
    }

    private static void limit(AbstractHttp11Protocol<?> protocol) {
        protocol.setExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("https-", 0).factory()));
        protocol.setMaxConnections(MAX_CONNECTIONS);
        protocol.setAcceptCount(BACKLOG);
        protocol.setConnectionTimeout((int) CONNECTION_TIMEOUT.toMillis());
        protocol.setMaxHttpHeaderSize(MAX_HEADER_BYTES);
        protocol.setMaxSwallowSize(MAX_BODY_BYTES);
        protocol.setServerRemoveAppProvidedValues(true);
        ((AbstractProtocol<?>) protocol).setKeepAliveTimeout((int) CONNECTION_TIMEOUT.toMillis());
    }

    /// The port that was bound.
    public int port() {
        return requireNonNull(context.getWebServer(), "webServer").getPort();
    }

    /// Ends running requests within a bounded time, then stops to listen.
    @Override
    public void close() {
        context.close();
    }
}
