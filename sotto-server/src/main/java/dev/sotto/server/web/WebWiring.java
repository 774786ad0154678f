package dev.sotto.server.web;

import dev.sotto.server.node.NodeGate;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.CacheControl;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.spring6.templateresolver.SpringResourceTemplateResolver;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;
import org.thymeleaf.templatemode.TemplateMode;

/// The web layer, bean by bean. Nothing is scanned for and nothing configures itself, so a start does no more than
/// what stands here.
@Configuration(proxyBeanMethods = false)
@EnableWebMvc
@Import(SecurityWiring.class)
class WebWiring implements WebMvcConfigurer {
    @Override
    public void addResourceHandlers(ResourceHandlerRegistry registry) {
        registry.addResourceHandler("/assets/**")
                .addResourceLocations("classpath:/assets/")
                .setCacheControl(CacheControl.noCache());
    }

    @Bean
    ServletRegistrationBean<DispatcherServlet> servlet(ApplicationContext context) {
        var servlet = new DispatcherServlet();
        servlet.setApplicationContext(context);
        var registration = new ServletRegistrationBean<>(servlet, "/");
        registration.setLoadOnStartup(1);
        return registration;
    }

    @Bean
    FilterRegistrationBean<FilterChainProxy> security(FilterChainProxy springSecurityFilterChain) {
        var registration = new FilterRegistrationBean<>(springSecurityFilterChain);
        registration.addUrlPatterns("/*");
        return registration;
    }

    @Bean
    ThymeleafViewResolver views(ApplicationContext context) {
        var templates = new SpringResourceTemplateResolver();
        templates.setApplicationContext(context);
        templates.setPrefix("classpath:/pages/");
        templates.setSuffix(".html");
        templates.setTemplateMode(TemplateMode.HTML);
        templates.setCharacterEncoding(StandardCharsets.UTF_8.name());
        var engine = new SpringTemplateEngine();
        engine.setTemplateResolver(templates);
        var resolver = new ThymeleafViewResolver();
        resolver.setApplicationContext(context);
        resolver.setTemplateEngine(engine);
        resolver.setCharacterEncoding(StandardCharsets.UTF_8.name());
        return resolver;
    }

    @Bean
    ContentPolicy contentPolicy(WebParts parts) {
        return new ContentPolicy(parts.random());
    }

    @Bean
    Refusals refusals(ContentPolicy policy) {
        return new Refusals(policy);
    }

    @Bean
    NodeGate gate(WebParts parts) {
        return parts.gate();
    }

    @Bean
    CallLookup lookup(WebParts parts) {
        return new CallLookup(parts);
    }

    @Bean
    CallsApi callsApi(CallLookup lookup) {
        return new CallsApi(lookup);
    }

    @Bean
    RecordingApi recordingApi(CallLookup lookup) {
        return new RecordingApi(lookup);
    }

    @Bean
    PeaksApi peaksApi(CallLookup lookup) {
        return new PeaksApi(lookup);
    }

    @Bean
    RevealPermission revealPermission() {
        return RevealPermission.byRole();
    }

    @Bean
    RevealApi revealApi(CallLookup lookup, RevealPermission permission) {
        return new RevealApi(lookup, permission);
    }

    @Bean
    GuardApi guardApi(CallLookup lookup, WebParts parts) {
        return new GuardApi(lookup, parts.clock());
    }

    @Bean
    NoticesApi noticesApi(CallLookup lookup) {
        return new NoticesApi(lookup);
    }

    @Bean
    AlertPages alertPages(CallLookup lookup, WebParts parts) {
        return new AlertPages(lookup, parts.clock());
    }

    @Bean
    OperatorApi operatorApi(NodeGate gate) {
        return new OperatorApi(gate);
    }

    @Bean
    KeysApi keysApi(NodeGate gate) {
        return new KeysApi(gate);
    }

    @Bean
    BackupApi backupApi(NodeGate gate) {
        return new BackupApi(gate);
    }

    @Bean
    FilesApi filesApi(NodeGate gate) {
        return new FilesApi(gate);
    }

    @Bean
    HealthApi healthApi(WebParts parts) {
        return new HealthApi(parts);
    }

    @Bean
    CallPages callPages(CallLookup lookup, RevealPermission permission) {
        return new CallPages(lookup, permission);
    }

    @Bean
    GuardPages guardPages(CallLookup lookup, WebParts parts) {
        return new GuardPages(lookup, parts.clock());
    }

    @Bean
    ApiDocument apiDocument() {
        return ApiDocument.read();
    }

    @Bean
    ApiPages apiPages(ApiDocument document, CallLookup lookup) {
        return new ApiPages(document, lookup);
    }

    @Bean
    SignInPages signInPages(WebParts parts) {
        var passwords = new Passwords();
        return new SignInPages(
                new SignInDoor(parts, passwords, SecondFactor.none()), new SetupDoor(parts, passwords), parts.gate());
    }
}
