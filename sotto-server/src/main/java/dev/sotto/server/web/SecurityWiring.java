package dev.sotto.server.web;

import static org.springframework.security.config.Customizer.withDefaults;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.session.NullAuthenticatedSessionStrategy;
import org.springframework.security.web.context.NullSecurityContextRepository;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.header.writers.CrossOriginOpenerPolicyHeaderWriter.CrossOriginOpenerPolicy;
import org.springframework.security.web.header.writers.CrossOriginResourcePolicyHeaderWriter.CrossOriginResourcePolicy;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;

/// Who may ask for what, and the headers on every answer. Sessions are rows of the store, never of the servlet
/// container.
@Configuration(proxyBeanMethods = false)
@EnableWebSecurity
class SecurityWiring {
    private static final long YEAR_SECONDS = 31_536_000;

    @Bean
    SecurityFilterChain chain(HttpSecurity http, WebParts parts, ContentPolicy policy) {
        http.sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .securityContext(context -> context.securityContextRepository(new NullSecurityContextRepository()))
                .requestCache(AbstractHttpConfigurer::disable)
                .formLogin(AbstractHttpConfigurer::disable)
                .httpBasic(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .addFilterBefore(
                        new SessionFilter(parts.gate(), parts.operatorToken(), parts.clock()), CsrfFilter.class)
                .addFilterAfter(new Admission(parts.requestsAtOnce()), AuthorizationFilter.class)
                .addFilterAfter(new Idempotency(parts.gate()), Admission.class)
                .csrf(csrf -> csrf.csrfTokenRepository(new CsrfTokens(parts.random()))
                        .ignoringRequestMatchers(SessionFilter::bearsToken)
                        // Signing in changes the cookie that the token derives from; nothing more is needed.
                        .sessionAuthenticationStrategy(new NullAuthenticatedSessionStrategy()))
                .exceptionHandling(refusals -> refusals.authenticationEntryPoint(
                                (request, response, _) -> unknown(request, response))
                        .accessDeniedHandler((_, response, _) -> denied(response)))
                .authorizeHttpRequests(requests -> requests.requestMatchers("/health/crypto")
                        .hasAnyAuthority(Visitor.Token.STAFF, Visitor.Token.OPERATOR)
                        .requestMatchers("/sign-in", "/setup", "/assets/**", "/health", "/health/*", "/favicon.ico")
                        .permitAll()
                        .requestMatchers("/metrics", "/api/v1/operator/**", "/api/v1/audit/**")
                        .hasAuthority(Visitor.Token.OPERATOR)
                        .requestMatchers("/api/v1/**")
                        .hasAnyAuthority(Visitor.Token.STAFF, Visitor.Token.OPERATOR)
                        .anyRequest()
                        .hasAuthority(Visitor.Token.STAFF));
        headers(http, policy);
        return http.build();
    }

    private static void headers(HttpSecurity http, ContentPolicy policy) {
        http.headers(headers -> headers.httpStrictTransportSecurity(hsts -> hsts.maxAgeInSeconds(YEAR_SECONDS)
                        .includeSubDomains(false)
                        .requestMatcher(_ -> true))
                .frameOptions(HeadersConfigurer.FrameOptionsConfig::deny)
                .contentTypeOptions(withDefaults())
                .referrerPolicy(value -> value.policy(ReferrerPolicy.NO_REFERRER))
                .permissionsPolicyHeader(value -> value.policy("camera=(), geolocation=(), microphone=(), payment=()"))
                .crossOriginOpenerPolicy(value -> value.policy(CrossOriginOpenerPolicy.SAME_ORIGIN))
                .crossOriginResourcePolicy(value -> value.policy(CrossOriginResourcePolicy.SAME_ORIGIN))
                .addHeaderWriter(policy));
    }

    private static void unknown(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (isForMachines(request)) {
            Problem.of(HttpStatus.UNAUTHORIZED, "not_signed_in").write(response);
        } else {
            response.setStatus(HttpStatus.SEE_OTHER.value());
            response.setHeader("Location", "/sign-in");
        }
    }

    private static void denied(HttpServletResponse response) throws IOException {
        Problem.of(HttpStatus.FORBIDDEN, "not_allowed").write(response);
    }

    static boolean isForMachines(HttpServletRequest request) {
        String path = request.getServletPath();
        return path.startsWith("/api/") || path.startsWith("/health") || path.equals("/metrics");
    }

    /// Spring Security would otherwise make a user of its own and log a password.
    @Bean
    UserDetailsService nobody() {
        return _ -> {
            throw new UsernameNotFoundException("there are no such users here");
        };
    }
}
